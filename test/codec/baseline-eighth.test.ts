import fc from 'fast-check'
import sharp, { type JpegOptions } from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { decodesLikeSharp, startFastCodec } from '../support/fast-codec.js'
import { cjpeg, hasTools } from '../support/jpeg-tools.js'
import { fixture, makePicture } from '../support/pictures.js'

const WIDTH = 301
const HEIGHT = 219
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60)

let fastCodec: Awaited<ReturnType<typeof startFastCodec>>
let picture: Buffer

beforeAll(async () => {
  fastCodec = await startFastCodec()
  picture = await makePicture('rgb', WIDTH, HEIGHT)
})

const encode = (options: JpegOptions) => sharp(picture).jpeg(options).toBuffer()
const alike = (jpeg: Uint8Array) => decodesLikeSharp(fastCodec, jpeg)

describe('baseline JPEG decoded at 1/8', () => {
  it.each<[string, JpegOptions]>([
    ['4:2:0', {}],
    ['4:4:4', { chromaSubsampling: '4:4:4' }],
    ['optimal Huffman codes', { optimiseCoding: true, quality: 95 }],
    ['standard Huffman codes', { optimiseCoding: false }],
    ['mozjpeg options', { trellisQuantisation: true, overshootDeringing: true, quantisationTable: 3 }],
    ['a quality of 1', { quality: 1 }],
    ['a quality of 100', { quality: 100, chromaSubsampling: '4:4:4' }],
  ])('gives libjpeg’s pixels with %s', async (_, options) => {
    expect(await alike(await encode(options))).toBe(true)
  })

  it('gives libjpeg’s pixels at random sizes, qualities and quantization tables', async () => {
    const side = fc.integer({ min: 9, max: 200 })
    const options = fc.record({
      quality: fc.integer({ min: 1, max: 100 }),
      chromaSubsampling: fc.constantFrom('4:2:0', '4:4:4'),
      optimiseCoding: fc.boolean(),
      quantisationTable: fc.integer({ min: 0, max: 8 }),
    })
    await fc.assert(
      fc.asyncProperty(side, side, options, async (width, height, options) => {
        const small = sharp(picture).resize(width, height, { fit: 'fill' })
        expect(await alike(await small.jpeg(options).toBuffer())).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  it('gives libjpeg’s pixels for noise, whose blocks have no zero coefficients', async () => {
    const bytes = fc.uint8Array({ minLength: 64 * 48 * 3, maxLength: 64 * 48 * 3 })
    const quality = fc.constantFrom(30, 80, 97, 100)
    await fc.assert(
      fc.asyncProperty(bytes, quality, fc.boolean(), async (bytes, quality, optimiseCoding) => {
        const noise = sharp(bytes, { raw: { width: 64, height: 48, channels: 3 } })
        expect(await alike(await noise.jpeg({ quality, optimiseCoding }).toBuffer())).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  it('gives libjpeg’s pixels for several photos in a row', async () => {
    const photo = sharp(await fixture('photos/landscape.jpg'))
    const large = await photo.resize(2400, 1700, { fit: 'fill' }).jpeg().toBuffer()
    for (const jpeg of [await fixture('photos/landscape.jpg'), large, await encode({ quality: 60 })])
      expect(await alike(jpeg)).toBe(true)
  })

  it('gives libjpeg’s pixels with Huffman table ids 2 and 3, also after other requests', async () => {
    const jpeg = await encode({ quality: 90 })
    const scan = jpeg.indexOf('ffda', 0, 'hex')
    for (
      let at = jpeg.indexOf('ffc4', 0, 'hex');
      at >= 0 && at < scan;
      at = jpeg.indexOf('ffc4', at + 2, 'hex')
    )
      jpeg[at + 4]! += 2
    for (const component of [6, 8, 10]) jpeg[scan + component]! += 0x22
    const target = { width: 60, height: 40, orientation: 1, cover: undefined, quality: 80 }
    const other = await encode({})
    // A worker has two memory slots and alternates between them.
    for (let time = 0; time < 3; time++) {
      expect(await alike(jpeg)).toBe(true)
      for (let memory = 0; memory < 2; memory++)
        expect(await fastCodec.transcode(other, 4, { ...target, chromaSubsampling: '4:2:0' })).toBeDefined()
    }
  })

  it('ignores bytes behind the EOI marker and accepts a view at an unaligned offset', async () => {
    const jpeg = await encode({})
    const block = new Uint8Array(jpeg.length * 2 + 11)
    block.set(jpeg, 7)
    block.set(jpeg, 7 + jpeg.length + 4)
    const pixels = await fastCodec.decode(block.subarray(7), 8)
    expect(pixels).toEqual(await fastCodec.decode(jpeg, 8))
    expect(pixels).toMatchObject({ width: 37, height: 27, channels: 3 })
  })
})

describe.skipIf(!hasTools)(
  'baseline JPEG of libjpeg-turbo decoded at 1/8 (skipped without libjpeg-turbo-progs)',
  () => {
    it.each([
      '1x1',
      '2x1',
      '1x2',
      '2x2',
      '4x1',
      '1x4',
      '4x2',
      '2x4',
      '2x2,1x2',
      '2x2,2x1,1x2',
      '1x1,2x2',
      '3x1',
      '3x2',
      '1x1,2x1,1x2',
    ])('gives libjpeg’s pixels with sampling %s', async (sampling) => {
      expect(await alike(await cjpeg(picture, '-sample', sampling))).toBe(true)
    })

    it.each(['1', '3', '20', '1B', '7B', '19B', '200B'])(
      'gives libjpeg’s pixels with restart interval %s',
      async (interval) => {
        for (const sampling of ['1x1', '2x1', '2x2']) {
          const jpeg = await cjpeg(picture, '-sample', sampling, '-restart', interval)
          expect(await alike(jpeg), sampling).toBe(true)
        }
      },
    )
  },
)
