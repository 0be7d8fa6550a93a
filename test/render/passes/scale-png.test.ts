import fc from 'fast-check'
import sharp, { type PngOptions } from 'sharp'
import { describe, expect, it } from 'vitest'
import { toImgprocError } from '../../../src/errors.js'
import { withDefaults } from '../../../src/image/limits.js'
import { openImage } from '../../../src/image/open-image.js'
import type { FailOn } from '../../../src/image/types.js'
import type { FastCodec } from '../../../src/codec/types.js'
import { makeChunk } from '../../../src/metadata/png/chunks.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { renderRendition } from '../../../src/render/render-rendition.js'
import { startFastCodec } from '../../support/fast-codec.js'

let shared: ReturnType<typeof startFastCodec> | undefined

/** Renders a file with or without threads. `count` is the number of pictures that they scaled. */
async function render(
  bytes: Uint8Array,
  ops: readonly ImageOp[],
  isFast: boolean,
  failOn: FailOn = 'error',
): Promise<{ data: Buffer; count: number }> {
  const started = await (shared ??= startFastCodec())
  let count = 0
  const fastCodec: FastCodec = {
    ...started,
    async scaleRows(...request) {
      const pixels = await started.scaleRows(...request)
      if (pixels !== undefined) count++
      return pixels
    },
  }
  const image = await openImage(bytes, { limits: withDefaults(), failOn, ...(isFast && { fastCodec }) })
  const { data } = await renderRendition(image, ops)
  return { data, count }
}

/** Returns how many pictures the threads scaled; throws if the file differs from the one by sharp alone. */
async function countScaled(bytes: Uint8Array, ops: readonly ImageOp[], failOn?: FailOn): Promise<number> {
  const fast = await render(bytes, ops, true, failOn)
  const whole = await render(bytes, ops, false, failOn)
  if (!fast.data.equals(whole.data)) throw new Error(`The file differs; ${fast.count} pictures scaled.`)
  return fast.count
}

interface Source {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  readonly seed: number
  readonly kind: 'noise' | 'gradient' | 'opaque' | 'clear'
  readonly png: PngOptions
  readonly chunk: keyof typeof CHUNKS
  /** Density of the chunk `square`, in pixels per metre. */
  readonly density: number
}

/** Chunks to insert behind the header, instead of pHYs but for `twice`; `none` changes nothing. */
const CHUNKS = {
  none: undefined,
  square: (density: number) => makeDensity(density, density),
  twice: () => makeDensity(2835, 2835),
  oblong: (density: number) => makeDensity(density, density * 2),
  unitless: () => makeDensity(2, 2, 0),
  text: () => makeChunk('tEXt', Buffer.from('Comment\0a picture', 'latin1')),
  background: () => makeChunk('bKGD', Buffer.from([0, 0, 0, 0, 0, 9])),
  srgb: () => makeChunk('sRGB', Buffer.from([0])),
} as const

/** Returns a chunk pHYs; the unit 1 is the metre. */
function makeDensity(across: number, down: number, unit = 1): Buffer {
  const data = Buffer.alloc(9)
  data.writeUInt32BE(across, 0)
  data.writeUInt32BE(down, 4)
  data[8] = unit
  return makeChunk('pHYs', data)
}

/** Bytes before the first chunk behind IHDR. */
const HEADER = 33

function makePixels({ width, height, channels, seed, kind }: Source): Buffer {
  const pixels = Buffer.alloc(width * height * channels)
  let state = seed
  const random = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24
  for (let at = 0; at < pixels.length; at++) {
    const [x, channel] = [Math.floor(at / channels) % width, at % channels]
    const value = kind === 'noise' ? random() : (x * (channel + 1) * 3 + (random() & 7)) & 255
    const isAlpha = channels % 2 === 0 && channel === channels - 1
    pixels[at] = isAlpha && kind === 'opaque' ? 255 : isAlpha && kind === 'clear' ? random() & 1 : value
  }
  return pixels
}

async function makePng(source: Source): Promise<Buffer> {
  const { width, height, channels } = source
  const png = await sharp(makePixels(source), { raw: { width, height, channels } })
    .toColourspace(channels < 3 ? 'b-w' : 'srgb')
    .png(source.png)
    .toBuffer()
  const chunk = CHUNKS[source.chunk]?.(source.density)
  if (chunk === undefined) return png
  // sharp writes a pHYs chunk.
  const rest = source.chunk === 'twice' ? png.subarray(HEADER) : png.subarray(HEADER + 21)
  return Buffer.concat([png.subarray(0, HEADER), chunk, rest])
}

const side = fc.oneof(fc.integer({ min: 2, max: 400 }), fc.integer({ min: 100, max: 400 }))
const source: fc.Arbitrary<Source> = fc.record({
  width: side,
  height: side,
  channels: fc.constantFrom<Source['channels']>(4, 4, 4, 3, 3, 2, 1),
  seed: fc.integer({ min: 1, max: 1e9 }),
  kind: fc.constantFrom<Source['kind']>('noise', 'gradient', 'opaque', 'clear'),
  png: fc.record<PngOptions>({
    adaptiveFiltering: fc.boolean(),
    compressionLevel: fc.integer({ min: 0, max: 9 }),
    palette: fc.constantFrom(false, false, false, false, true),
    progressive: fc.constantFrom(false, false, false, false, true),
  }),
  density: fc.oneof(fc.integer({ min: 1, max: 40_000 }), fc.constantFrom(2835, 3937, 5669, 11_811)),
  chunk: fc.constantFrom(...(Object.keys(CHUNKS) as Source['chunk'][])), // of our own table
})

const to = fc.integer({ min: 1, max: 90 })
const scaling = fc.oneof<fc.Arbitrary<ImageOp>[]>(
  fc.record({ width: to, height: to }).map((thumbnail) => ({ thumbnail })),
  fc
    .record({ width: to, height: to, fit: fc.constant('cover' as const) })
    .map((thumbnail) => ({ thumbnail })),
  fc
    .record({ width: to, height: to, fit: fc.constantFrom('cover', 'contain', 'fill', 'inside', 'outside') })
    .map((resize) => ({ resize })),
)
const around = fc.constantFrom<[ImageOp[], ImageOp[]]>(
  [[], []],
  [[], []],
  [[], []],
  [[{ flip: true }], []],
  [[], [{ flop: true }]],
  [[], [{ sharpen: 1 }]],
  [[], [{ blur: 1 }]],
  [[], [{ rotate: 90 }]],
  [[], [{ pad: { top: 3, background: 'red' } }]],
  [[], [{ flatten: 'navy' }]],
  [[{ flatten: 'navy' }], []],
  [[], [{ round: 4 }, { grayscale: true }]],
  [[{ crop: { width: '50%', height: '50%' } }], []],
)
const output = fc.constantFrom<ImageOp[]>(
  [{ format: { type: 'png' } }],
  [{ format: { type: 'png', palette: true } }],
  [{ format: { type: 'webp', lossless: true } }],
  [{ format: { type: 'jpeg' } }],
  [{ format: { type: 'tiff' } }],
  [{ format: { type: 'png' } }, { metadata: 'keep' }],
)

describe('scaling a PNG in threads', () => {
  it('gives the same file as sharp for random pictures, operations and formats', async () => {
    let count = 0
    await fc.assert(
      fc.asyncProperty(source, scaling, around, output, async (from, scale, [before, after], format) => {
        const [png, ops] = [await makePng(from), [...before, scale, ...after, ...format]]
        const made = await result(png, ops, true)
        expect(made.result).toEqual((await result(png, ops, false)).result)
        count += made.count
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 150) },
    )
    expect(count).toBeGreaterThan(0)
  })

  const plain: Source = {
    width: 120,
    height: 90,
    channels: 4,
    seed: 1,
    kind: 'noise',
    png: {},
    chunk: 'none',
    density: 2835,
  }
  const thumbnail: ImageOp[] = [{ thumbnail: 30 }]

  it('is used for thumbnails in RGB and RGBA, in every filter', async () => {
    for (const channels of [3, 4] as const)
      for (const adaptiveFiltering of [true, false])
        for (const kind of ['noise', 'gradient'] as const) {
          const png = await makePng({ ...plain, channels, kind, png: { adaptiveFiltering } })
          expect(await countScaled(png, thumbnail)).toBe(1)
        }
  })

  it('keeps a density for the output', async () => {
    const png = await makePng({ ...plain, chunk: 'square' })
    expect(await countScaled(png, thumbnail)).toBe(1)
    const { data } = await render(png, thumbnail, true)
    expect(data.readUInt32BE(data.indexOf('pHYs') + 4)).toBe(2835)
  })

  it.each<[string, Partial<Source>]>([
    ['grey', { channels: 1 }],
    ['grey with alpha', { channels: 2 }],
    ['a palette', { png: { palette: true } }],
    ['interlaced rows', { png: { progressive: true } }],
    ['a density without unit', { chunk: 'unitless' }],
    ['different densities', { chunk: 'oblong' }],
    ['two densities', { chunk: 'twice' }],
  ])('is left to sharp for %s', async (_, change) => {
    expect(await countScaled(await makePng({ ...plain, ...change }), thumbnail)).toBe(0)
  })

  it.each<FailOn>(['none', 'truncated', 'error', 'warning'])(
    'gives the picture or error of sharp for damaged files with failOn: %s',
    async (failOn) => {
      const png = await makePng({ ...plain, kind: 'gradient' })
      const flipped = (at: number) => {
        const copy = Buffer.from(png)
        copy[at] = copy[at]! ^ 0x10
        return copy
      }
      const files = [
        ...[0.3, 0.6, 0.9, 0.99].map((share) => png.subarray(0, png.length * share)),
        png.subarray(0, -12),
        flipped(png.length - 20),
        flipped(Math.floor(png.length / 2)),
        flipped(HEADER - 2),
        flipped(HEADER + 6),
        Buffer.concat([png, Buffer.from('more')]),
      ]
      for (const file of files) {
        const [fast, whole] = [
          await result(file, thumbnail, true, failOn),
          await result(file, thumbnail, false, failOn),
        ]
        expect(fast.result).toEqual(whole.result)
      }
    },
  )
})

/** Renders a file; returns the message of an error instead. */
async function result(
  file: Buffer,
  ops: readonly ImageOp[],
  isFast: boolean,
  failOn?: FailOn,
): Promise<{ result: Buffer | string; count: number }> {
  return render(file, ops, isFast, failOn).then(
    ({ data, count }) => ({ result: data, count }),
    (error: unknown) => ({ result: toImgprocError(error).message, count: 0 }),
  )
}
