import sharp, { type JpegOptions } from 'sharp'
import { renderRendition } from '../../src/render/render-rendition.js'
import { openImage } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import type { FastJpeg } from '../../src/jpeg/types.js'
import type { FailOn } from '../../src/image/types.js'
import { cutAcScans } from '../../src/jpeg/parser/dc-only.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { atEighth, startFastJpeg } from './fast-jpeg.js'
import { makePicture } from './pictures.js'

/** Whether there is a cut of a file that is shorter and gives the same pixels, without a warning. */
export async function cutsAlike(jpeg: Buffer): Promise<boolean> {
  const cut = cutAcScans(jpeg)
  if (cut === undefined || cut.length >= jpeg.length) return false
  return (await atEighth(cut)).equals(await atEighth(jpeg))
}

export function isCut(jpeg: Uint8Array): boolean {
  return cutAcScans(jpeg) !== undefined
}

export interface Source {
  readonly width?: number
  readonly height?: number
  readonly orientation?: number
  readonly cmyk?: boolean
}

/** A progressive JPEG, grainy enough to show what is left out of it. */
export async function makeProgressive(source: Source = {}): Promise<Buffer> {
  return makeJpeg(source, { progressive: true, chromaSubsampling: '4:4:4' })
}

/** A baseline one. */
export async function makeBaseline(source: Source = {}): Promise<Buffer> {
  return makeJpeg(source, { chromaSubsampling: '4:2:0' })
}

async function makeJpeg(source: Source, options: JpegOptions): Promise<Buffer> {
  const { width = 400, height = 300, orientation = 1, cmyk = false } = source
  const picture = sharp(await makePicture('rgb', width, height))
    .withMetadata({ orientation, density: 150 })
    .jpeg(options)
  // A profile of ink's is what makes it CMYK: withMetadata alone makes it sRGB.
  return (cmyk ? picture.toColourspace('cmyk').withIccProfile('cmyk') : picture).toBuffer()
}

let thread: ReturnType<typeof startFastJpeg> | undefined

/** What operations make of a file, with or without what is quicker at 1/8, how many times that was taken, and how many of these
 * made the file. */
export async function makeCutting(
  bytes: Uint8Array,
  ops: readonly ImageOp[],
  cuts: boolean,
  failOn: FailOn = 'error',
): Promise<{ data: Buffer; count: number; remade: number }> {
  let count = 0
  let remade = 0
  const started = await (thread ??= startFastJpeg())
  const fastJpeg: FastJpeg = {
    ...started,
    cut(file) {
      count++
      return started.cut(file)
    },
    async decode(file, part) {
      const pixels = await started.decode(file, part)
      if (pixels !== undefined) count++
      return pixels
    },
    async decodeScaled(file, part, to) {
      const pixels = await started.decodeScaled(file, part, to)
      if (pixels !== undefined) count++
      return pixels
    },
    async transcode(file, part, to) {
      const made = await started.transcode(file, part, to)
      if (made !== undefined) {
        count++
        remade++
      }
      return made
    },
    async encode(pixels, to) {
      const made = await started.encode(pixels, to)
      if (made !== undefined) remade++
      return made
    },
  }
  const image = await openImage(bytes, { limits: withDefaults(), failOn, ...(cuts && { fastJpeg }) })
  const { data } = await renderRendition(image, ops)
  return { data, count, remade }
}

/** How many times a list of operations is quicker at 1/8; throws where that changes anything. */
export async function countCuts(bytes: Buffer, ops: readonly ImageOp[], failOn?: FailOn): Promise<number> {
  const list: ImageOp[] = [...ops, { format: { type: 'webp', lossless: true } }]
  const cut = await makeCutting(bytes, list, true, failOn)
  const whole = await makeCutting(bytes, list, false, failOn)
  if (!cut.data.equals(whole.data)) throw new Error(`${cut.count} short cuts changed the picture.`)
  return cut.count
}
