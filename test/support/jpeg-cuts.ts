import sharp from 'sharp'
import { render } from '../../src/core/render.js'
import { openImage, withDefaults } from '../../src/core/source.js'
import type { FailOn } from '../../src/core/types.js'
import { cutForEighth } from '../../src/decode/progressive-jpeg.js'
import type { ImageOp } from '../../src/ops/image-op.js'
import { makePicture } from './pictures.js'

/** A file that libjpeg decodes at 1/8 on its way through sharp, as pixels at a ninth. */
export async function atEighth(jpeg: Uint8Array, failOn: FailOn = 'warning'): Promise<Buffer> {
  const { width, height } = await sharp(jpeg, { failOn: 'none' }).metadata()
  const size = { width: Math.floor(width / 9), height: Math.floor(height / 9) }
  return sharp(jpeg, { failOn })
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer()
}

/** Whether there is a cut of a file that is shorter and gives the same pixels, without a warning. */
export async function cutsAlike(jpeg: Buffer): Promise<boolean> {
  const cut = cutForEighth(jpeg)
  if (cut === undefined || cut.length >= jpeg.length) return false
  return (await atEighth(cut)).equals(await atEighth(jpeg))
}

export function isCut(jpeg: Uint8Array): boolean {
  return cutForEighth(jpeg) !== undefined
}

export interface Source {
  readonly width?: number
  readonly height?: number
  readonly orientation?: number
  readonly cmyk?: boolean
}

/** A progressive JPEG, grainy enough to show what is left out of it. */
export async function makeProgressive(source: Source = {}): Promise<Buffer> {
  const { width = 400, height = 300, orientation = 1, cmyk = false } = source
  return sharp(await makePicture('rgb', width, height))
    .toColourspace(cmyk ? 'cmyk' : 'srgb')
    .withMetadata({ orientation })
    .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
    .toBuffer()
}

/** What operations make of a file, with cutting or without, and how many cuts it took. */
export async function makeCutting(
  bytes: Uint8Array,
  ops: readonly ImageOp[],
  cuts: boolean,
  failOn: FailOn = 'error',
): Promise<{ data: Buffer; count: number }> {
  let count = 0
  const cutJpeg = (file: Uint8Array) => {
    count++
    return cutForEighth(file)
  }
  const image = await openImage(bytes, { limits: withDefaults(), failOn, ...(cuts && { cutJpeg }) })
  const { data } = await render(image, ops)
  return { data, count }
}

/** How many cuts a list of operations takes; throws where they change anything. */
export async function countCuts(bytes: Buffer, ops: readonly ImageOp[], failOn?: FailOn): Promise<number> {
  const list: ImageOp[] = [...ops, { format: 'png' }]
  const cut = await makeCutting(bytes, list, true, failOn)
  const whole = await makeCutting(bytes, list, false, failOn)
  if (!cut.data.equals(whole.data)) throw new Error(`${cut.count} cuts changed the picture.`)
  return cut.count
}
