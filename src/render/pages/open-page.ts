import type { Metadata } from 'sharp'
import { ImgprocError } from '../../errors.js'
import { isAnimated, openImage, type OpenImage } from '../../image/open-image.js'
import { readHeader } from '../../image/read-source-header.js'
import { pngOfFrame, readApng } from '../../metadata/png/apng-frames.js'
import { addMetadata } from '../../metadata/png/chunks.js'
import { beginWithPage } from '../../metadata/tiff-pages.js'
import { sharp } from '../../sharp.js'
import { decodeFrames } from '../animation-frames.js'
import { openSequenceFrame } from '../sequence-frames.js'
import { explainErrors } from '../passes/explain-errors.js'

/** Pages that were opened, by source: several renditions may ask for the same. */
const opened = new WeakMap<OpenImage, Map<number, Promise<OpenImage>>>()

/**
 * Opens one page, frame or picture of a source that holds several, as a still. Returns the image itself if it is that page.
 *
 * Throws INVALID_OPERATION if there is no such page, UNSUPPORTED_FORMAT, and the errors of `openImage`.
 *
 * @param page from 0 on.
 */
export async function openPage(image: OpenImage, page: number): Promise<OpenImage> {
  const { pages = 1 } = image
  if (page >= pages) throw createNoPageError(page, pages)
  if (pages === 1 || image.page === page) return image
  const known = opened.get(image) ?? new Map<number, Promise<OpenImage>>()
  opened.set(image, known)
  const found = known.get(page) ?? openOther(image, page)
  known.set(page, found)
  return found
}

async function openOther(image: OpenImage, page: number): Promise<OpenImage> {
  const { pages = 1, format, original = image.bytes, onlyFirst } = image
  if (onlyFirst !== undefined) throw createHiddenError(pages, onlyFirst)
  const still = isAnimated(image)
    ? await openFrame(image, page)
    : format === 'tiff'
      ? await openTiffPage(original, image, page)
      : // The memory for it is part of the estimate of the work that needs it.
        await openImage(original, { ...image.options, compute: undefined, page })
  const { pages: _, ...metadata } = still.metadata
  return { ...still, metadata, format, pages, page }
}

async function openTiffPage(bytes: Uint8Array, { options, pages = 1 }: OpenImage, page: number) {
  const file = beginWithPage(bytes, page)
  if (file === undefined) throw createNoPageError(page, pages)
  return openImage(file, { ...options, compute: undefined })
}

/** Opens a frame of an animation: the picture that it shows, with what other frames left. */
async function openFrame(image: OpenImage, page: number): Promise<OpenImage> {
  const { options, original = image.bytes, metadata, sequence } = image
  if (sequence !== undefined) return openSequenceFrame(image, sequence, page)
  const { seconds } = options.limits
  const apng = readApng(original)
  const stored = apng?.frames[page]
  // The first frame of a PNG keeps its depth, if it needs no other.
  if (page === 0 && stored?.width === apng?.width && stored?.height === apng?.height && stored !== undefined)
    return openImage(pngOfFrame(original, stored), { ...options, compute: undefined })
  const source = { kind: 'source', image, bytes: image.bytes } as const
  const [frame] = await explainErrors(decodeFrames(image, true, seconds, page), source, seconds)
  const png = await toPng(frame!, metadata)
  return { ...image, bytes: png, original: png, metadata: await readHeader(png, options) }
}

async function toPng(
  frame: Awaited<ReturnType<typeof decodeFrames>>[number],
  { icc, exif, xmp, orientation, hasAlpha }: Metadata,
): Promise<Buffer> {
  if (frame.kind !== 'raw') return Buffer.from(frame.bytes)
  const { bytes, width, height, channels } = frame
  const pixels = sharp(bytes, { raw: { width, height, channels }, limitInputPixels: false })
  const png = (hasAlpha ? pixels : pixels.removeAlpha()).png({ compressionLevel: 0 })
  return addMetadata(await png.toBuffer(), { icc, exif, xmp, orientation })
}

function createNoPageError(page: number, pages: number): ImgprocError {
  const has = pages === 1 ? 'a single one, 0' : `${pages}, from 0 to ${pages - 1}`
  return new ImgprocError('INVALID_OPERATION', `page: there is no page ${page}. The source has ${has}.`, {
    stage: 'render',
  })
}

function createHiddenError(frames: number, reason: string): ImgprocError {
  const message = `page: of the ${frames} frames of this animation only the first is read, page 0. ${reason}`
  return new ImgprocError('UNSUPPORTED_FORMAT', message, { stage: 'render' })
}
