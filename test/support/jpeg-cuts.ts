import sharp, { type JpegOptions } from 'sharp'
import { renderRendition } from '../../src/render/render-rendition.js'
import { openImage } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import type { FastCodec } from '../../src/codec/types.js'
import type { FailOn } from '../../src/image/types.js'
import { cutAcScans } from '../../src/codec/parser/dc-only.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { resizeToNinth, startFastCodec } from './fast-codec.js'
import { makePicture } from './pictures.js'

/** Returns true if a file can be cut to fewer bytes that give the same pixels without a warning. */
export async function cutMatches(jpeg: Buffer): Promise<boolean> {
  const cut = cutAcScans(jpeg)
  if (cut === undefined || cut.length >= jpeg.length) return false
  return (await resizeToNinth(cut)).equals(await resizeToNinth(jpeg))
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

/** Makes a progressive JPEG with enough detail to show missing coefficients. */
export async function makeProgressive(source: Source = {}): Promise<Buffer> {
  return makeJpeg(source, { progressive: true, chromaSubsampling: '4:4:4' })
}

/** Makes a baseline JPEG. */
export async function makeBaseline(source: Source = {}): Promise<Buffer> {
  return makeJpeg(source, { chromaSubsampling: '4:2:0' })
}

async function makeJpeg(source: Source, options: JpegOptions): Promise<Buffer> {
  const { width = 400, height = 300, orientation = 1, cmyk = false } = source
  const picture = sharp(await makePicture('rgb', width, height))
    .withMetadata({ orientation, density: 150 })
    .jpeg(options)
  // Without a CMYK profile, withMetadata converts it to sRGB.
  return (cmyk ? picture.toColourspace('cmyk').withIccProfile('cmyk') : picture).toBuffer()
}

let sharedFastCodec: ReturnType<typeof startFastCodec> | undefined

/**
 * Renders a file with or without FastCodec. `count` is the number of its calls that were used, `remade` the number of those that
 * encoded the output.
 */
export async function makeCutting(
  bytes: Uint8Array,
  ops: readonly ImageOp[],
  isFast: boolean,
  failOn: FailOn = 'error',
): Promise<{ data: Buffer; count: number; remade: number }> {
  let count = 0
  let remade = 0
  const started = await (sharedFastCodec ??= startFastCodec())
  const fastCodec: FastCodec = {
    ...started,
    cut(file) {
      count++
      return started.cut(file)
    },
    async decode(file, denominator) {
      const pixels = await started.decode(file, denominator)
      if (pixels !== undefined) count++
      return pixels
    },
    async decodeScaled(...request) {
      const pixels = await started.decodeScaled(...request)
      if (pixels !== undefined) count++
      return pixels
    },
    async transcode(...request) {
      const made = await started.transcode(...request)
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
  const image = await openImage(bytes, { limits: withDefaults(), failOn, ...(isFast && { fastCodec }) })
  const { data } = await renderRendition(image, ops)
  return { data, count, remade }
}

/** Returns how many calls of FastCodec a list of operations uses; throws if they change the output. */
export async function countCuts(bytes: Buffer, ops: readonly ImageOp[], failOn?: FailOn): Promise<number> {
  const list: ImageOp[] = [...ops, { format: { type: 'webp', lossless: true } }]
  const cut = await makeCutting(bytes, list, true, failOn)
  const whole = await makeCutting(bytes, list, false, failOn)
  if (!cut.data.equals(whole.data)) throw new Error(`${cut.count} calls of FastCodec changed the picture.`)
  return cut.count
}
