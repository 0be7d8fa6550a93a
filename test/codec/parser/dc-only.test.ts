import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { cutAcScans } from '../../../src/codec/parser/dc-only.js'
import { fixture, makePicture } from '../../support/pictures.js'
import { cutMatches } from '../../support/jpeg-cuts.js'
import { anyScript, cjpeg, hasTools, rescan, scansOf } from '../../support/jpeg-tools.js'

const WIDTH = 301
const HEIGHT = 219

let picture: Buffer
let plain: Buffer

beforeAll(async () => {
  picture = await makePicture('rgb', WIDTH, HEIGHT)
  plain = await sharp(picture).jpeg({ progressive: true }).toBuffer()
})

describe('progressive JPEG without its AC scans, decoded at 1/8', () => {
  it.each([
    ['4:2:0', {}],
    ['4:4:4', { chromaSubsampling: '4:4:4' }],
    ['mozjpeg scans', { mozjpeg: true }],
    ['mozjpeg scans at 4:4:4', { mozjpeg: true, chromaSubsampling: '4:4:4' }],
    ['optimised scans', { optimiseScans: true, quality: 95 }],
    ['a quality of 5', { quality: 5 }],
  ])('gives the same pixels with %s', async (_, options) => {
    expect(
      await cutMatches(
        await sharp(picture)
          .jpeg({ progressive: true, ...options })
          .toBuffer(),
      ),
    ).toBe(true)
  })

  it('gives the same pixels in greyscale and CMYK', async () => {
    expect(
      await cutMatches(await sharp(picture).toColourspace('b-w').jpeg({ progressive: true }).toBuffer()),
    ).toBe(true)
    expect(
      await cutMatches(await sharp(picture).toColourspace('cmyk').jpeg({ progressive: true }).toBuffer()),
    ).toBe(true)
  })

  it('gives the same pixels for small and large photos', async () => {
    expect(await cutMatches(await fixture('photos/progressive.jpg'))).toBe(true)
    const photo = sharp(await fixture('photos/landscape.jpg'))
    // More blocks than one run of an empty scan may cover.
    expect(
      await cutMatches(
        await photo.resize(2400, 1700, { fit: 'fill' }).jpeg({ progressive: true }).toBuffer(),
      ),
    ).toBe(true)
  })

  it('gives the same pixels at random sizes', async () => {
    const side = fc.integer({ min: 9, max: 200 })
    const sampling = fc.constantFrom('4:2:0', '4:4:4')
    await fc.assert(
      fc.asyncProperty(side, side, sampling, async (width, height, chromaSubsampling) => {
        const small = sharp(picture).resize(width, height, { fit: 'fill' })
        expect(await cutMatches(await small.jpeg({ progressive: true, chromaSubsampling }).toBuffer())).toBe(
          true,
        )
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60) },
    )
  })

  it('keeps metadata', async () => {
    const jpeg = await sharp(picture)
      .withExif({ IFD0: { Copyright: 'Ada' } })
      .withIccProfile('p3')
      .jpeg({ progressive: true })
      .toBuffer()
    const [before, after] = await Promise.all([jpeg, cutAcScans(jpeg)!].map((file) => sharp(file).metadata()))
    expect(after).toEqual({ ...before, size: after!.size })
    expect(await cutMatches(jpeg)).toBe(true)
  })

  it('drops bytes behind the EOI marker', async () => {
    const cut = cutAcScans(Buffer.concat([plain, Buffer.from('SEFH and more'), plain]))
    expect(cut).toEqual(cutAcScans(plain))
  })

  it('accepts a view at an unaligned offset', () => {
    const block = new Uint8Array(plain.length + 7)
    block.set(plain, 7)
    expect(cutAcScans(block.subarray(7))).toEqual(cutAcScans(plain))
  })
})

describe.skipIf(!hasTools)(
  'progressive JPEG of libjpeg-turbo without its AC scans (skipped without libjpeg-turbo-progs)',
  () => {
    it.each([
      '1x1',
      '2x1',
      '1x2',
      '2x2',
      '4x1',
      '4x2',
      '2x4',
      '2x2,1x2',
      '2x2,2x1,1x2',
      '1x1,2x2',
      '3x1',
      '1x1,2x1,1x2',
    ])('gives the same pixels with sampling %s', async (sampling) => {
      expect(await cutMatches(await cjpeg(picture, '-progressive', '-sample', sampling))).toBe(true)
    })

    it.each(['1', '3', '20', '1B', '7B', '200B'])(
      'gives the same pixels with restart interval %s',
      async (interval) => {
        expect(
          await cutMatches(await cjpeg(picture, '-progressive', '-sample', '2x2', '-restart', interval)),
        ).toBe(true)
        expect(
          await cutMatches(await cjpeg(picture, '-progressive', '-sample', '2x1', '-restart', interval)),
        ).toBe(true)
      },
    )

    // Two DC scans, an empty scan for each component without AC scans, and four chroma scans if chroma needs them.
    it.each([
      ['1x1', 5],
      ['2x1', 5],
      ['1x2', 5],
      ['2x2', 7],
      ['4x1', 5],
      ['4x2', 7],
    ])('drops all unneeded scans with sampling %s', async (sampling, scans) => {
      const jpeg = await cjpeg(picture, '-progressive', '-sample', sampling)
      expect(scansOf(Buffer.from(cutAcScans(jpeg)!))).toHaveLength(scans)
    })

    it('gives the same pixels for RGB components', async () => {
      expect(await cutMatches(await cjpeg(picture, '-progressive', '-rgb'))).toBe(true)
    })

    it.each([
      [3, '1x1'],
      [3, '2x1'],
      [3, '2x2'],
      [1, '1x1'],
      [4, '1x1'],
    ])(
      'gives the same pixels for random scans of %i components with sampling %s',
      async (components, sampling) => {
        const source =
          components === 4
            ? await sharp(picture).toColourspace('cmyk').jpeg().toBuffer()
            : await cjpeg(picture, '-sample', sampling, ...(components === 1 ? ['-grayscale'] : []))
        await fc.assert(
          fc.asyncProperty(anyScript(components), async (script) => {
            expect(await cutMatches(rescan(source, script))).toBe(true)
          }),
          { numRuns: Number(process.env['PROPERTY_RUNS'] ?? (components === 4 ? 8 : 20)) },
        )
      },
    )
  },
)
