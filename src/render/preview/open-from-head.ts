import type { ImageOp } from '../../operations/image-op.generated.js'
import { openJpegHeader } from '../../image/open-jpeg-header.js'
import { embeddedPreview } from './embedded-preview.js'
import type { OpenImage, OpenOptions } from '../../image/open-image.js'
import { checkFailOn } from '../../image/limits.js'
import { recipeOf } from '../recipe.js'

/**
 * Bytes from the start of a file that most headers end in, and those that are tried then: EXIF takes up to 64 KB, and
 * makers and editors put as much of their own beside it.
 */
const HEADS = [64 * 1024, 256 * 1024] as const

/** Whether an operation of the list is the setting that makes the head of a file worth a look. */
export function wantsPreview(ops: readonly ImageOp[]): boolean {
  return ops.some((op) => op.preview !== undefined)
}

/**
 * Opens an image by the head of its file; undefined where that tells too little, or doesn't serve, so that the whole
 * has to be read.
 *
 * @param readHead reads from the file's start up to that byte.
 * @param serves whether all that is to be made of the image can be made from the preview in its head.
 */
export async function openFromHead(
  readHead: (to: number) => Promise<Uint8Array>,
  serves: (image: OpenImage) => Promise<boolean>,
  options: OpenOptions,
): Promise<OpenImage | undefined> {
  checkFailOn(options.failOn)
  for (const to of HEADS) {
    const bytes = await readHead(to)
    const image = openJpegHeader(bytes, options)
    if (image !== undefined) return (await serves(image)) ? image : undefined
    // Another try shows nothing new where this was all.
    if (bytes.length < to) return undefined
  }
  return undefined
}

/** Whether an image's preview can stand in for it in all these lists of operations. */
export async function canUsePreview(
  image: OpenImage,
  lists: readonly (readonly ImageOp[])[],
): Promise<boolean> {
  for (const ops of lists) if ((await embeddedPreview(image, recipeOf(ops))) === undefined) return false
  return true
}
