import type { ImageOp } from '../../operations/image-op.generated.js'
import { openJpegHeader } from '../../image/open-jpeg-header.js'
import { embeddedPreview } from './embedded-preview.js'
import { atOnce, openImage, type OpenImage, type OpenOptions } from '../../image/open-image.js'
import { checkFailOn } from '../../image/limits.js'
import { recipeOf } from '../recipe.js'

/** Reads one source. */
export interface SourceReader {
  /** Reads from the start of the file up to the byte `to`, exclusive; fewer bytes if the file is shorter. */
  readonly readHead: (to: number) => Promise<Uint8Array>
  /** Reads the whole file. */
  readonly readWhole: () => Promise<Uint8Array>
  /** Takes back a head that is not used. @default leaves it to the garbage collector */
  readonly discard?: ((head: Uint8Array) => void) | undefined
}

/** Returns the operation lists that will be rendered from an image, once its header is known. */
export type FindOpLists = (image: OpenImage) => readonly (readonly ImageOp[])[]

/** Sizes of heads to try. EXIF takes at most 64 KB, so most headers end in the first. Other segments can be longer. */
const HEAD_BYTES = [64 * 1024, 256 * 1024] as const

/** Returns true if a list contains `preview`, so that reading only the head of the file may be enough. */
export function wantsPreview(ops: readonly ImageOp[]): boolean {
  if (ops.every((op) => op.preview === undefined)) return false
  // A model looks at the whole picture.
  return recipeOf(ops).pixels.every(
    ({ op, params }) => (op.focusOrigin?.(params) ?? 'metadata') === 'metadata',
  )
}

/**
 * Opens a source. With `previewFor`, opens it by the head of its file if the preview in there can replace the image in
 * all the operation lists; the image then has only the head's bytes. Otherwise reads the whole file.
 *
 * Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, INVALID_USAGE for a bad option, and the reader's errors.
 */
export async function openSource(
  reader: SourceReader,
  options: OpenOptions,
  previewFor?: FindOpLists,
): Promise<OpenImage> {
  const fromHead = previewFor && (await openFromHead(reader, options, previewFor))
  return fromHead ?? openImage(await reader.readWhole(), options)
}

/** Returns undefined if the heads do not hold the whole header, or if the preview is not enough. */
async function openFromHead(
  { readHead, discard }: SourceReader,
  options: OpenOptions,
  previewFor: FindOpLists,
): Promise<OpenImage | undefined> {
  checkFailOn(options.failOn)
  const { compute = atOnce } = options
  for (const to of HEAD_BYTES) {
    const head = await readHead(to)
    const image = openJpegHeader(head, options)
    if (image !== undefined && (await compute(() => canUsePreview(image, previewFor(image)), 0))) return image
    discard?.(head)
    // A longer head holds nothing more if this was the whole file.
    if (image !== undefined || head.length < to) return undefined
  }
  return undefined
}

/** Returns true if an image's preview can replace the image in all the operation lists. */
async function canUsePreview(image: OpenImage, lists: readonly (readonly ImageOp[])[]): Promise<boolean> {
  for (const ops of lists) if ((await embeddedPreview(image, recipeOf(ops))) === undefined) return false
  return true
}
