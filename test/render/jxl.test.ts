import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decoders } from '../../src/decoders/index.js'
import { withDefaults } from '../../src/image/limits.js'
import { openImage } from '../../src/image/open-image.js'
import { readJxl } from '../../src/jxl/read-header.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { pictureAfter, renderRendition } from '../../src/render/render-rendition.js'
import { transform } from '../../src/transform.js'
import { makePicture } from '../support/pictures.js'

const fixture = (name: string) => readFile(new URL(`../../fixtures/photos/${name}`, import.meta.url))

function headerOf(file: Uint8Array) {
  const jxl = readJxl(file)
  if (jxl === undefined || jxl === 'damaged') throw new Error(`It is ${jxl}.`)
  return jxl
}

const samples = (file: Uint8Array, deep = false) =>
  sharp(file)
    .keepIccProfile()
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer()

describe('format: jxl', () => {
  it.each(['rgb', 'rgba', 'grey', 'deep'] as const)('keeps %s without loss', async (kind) => {
    const picture = await makePicture(kind)
    const { data, info } = await transform(picture, [{ format: { type: 'jxl', lossless: true } }])
    const isDeep = kind === 'deep'
    expect(info).toMatchObject({
      format: 'jxl',
      mime: 'image/jxl',
      width: 96,
      height: 64,
      channels: { rgb: 3, rgba: 4, grey: 1, deep: 3 }[kind],
      hasAlpha: kind === 'rgba',
    })
    expect(headerOf(data).header.bits).toBe(isDeep ? 16 : 8)
    const { data: back } = await transform(data, [{ format: 'png' }])
    expect((await samples(back, isDeep)).equals(await samples(picture, isDeep))).toBe(true)
  })

  it('is lossy by default, and close to the picture', async () => {
    const picture = await makePicture('rgb')
    const { data } = await transform(picture, [{ format: 'jxl' }])
    const { data: back } = await transform(data, [{ format: 'png' }])
    const [actual, expected] = await Promise.all([samples(back), samples(picture)])
    const mean = actual.reduce((sum, value, at) => sum + Math.abs(value - expected[at]!), 0) / actual.length
    expect(mean).toBeGreaterThan(0)
    expect(mean).toBeLessThan(5)
  })

  it.each([
    ['icc', true, false],
    ['keep', true, true],
    ['strip', false, false],
  ] as const)('with metadata: %s it has a profile: %s, and EXIF: %s', async (metadata, icc, exif) => {
    const p3 = await transform(await fixture('phone.heic'), [
      { format: { type: 'jxl', effort: 3 } },
      { metadata },
    ])
    const file = headerOf(p3.data)
    expect(file.header.colour.kind === 'profile').toBe(icc)
    expect(file.exif !== undefined).toBe(exif)
    // No orientation is left to apply.
    expect(p3.info).toMatchObject({ width: 320, height: 240 })
  })

  it('writes XMP by the policy', async () => {
    const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="Rome"/></rdf:RDF></x:xmpmeta>`
    const source = await sharp(await makePicture('rgb'))
      .withXmp(xmp)
      .jpeg()
      .toBuffer()
    const written = async (metadata: 'keep' | 'strip') =>
      headerOf(
        (await transform(source, [{ format: { type: 'jxl', effort: 3 } }, { metadata }])).data,
      ).xmp?.toString()
    expect(await written('keep')).toContain('Rome')
    expect(await written('strip')).toBeUndefined()
  })

  it('keeps frames and times of an animation, and shows frames of no time as browsers do', async () => {
    const gif = await sharp(await fixture('animated.gif'), { animated: true })
      .gif({ delay: [0, 200, 300, 400, 500, 600], loop: 3 })
      .toBuffer()
    const { data, info } = await transform(gif, [{ format: { type: 'jxl', lossless: true } }])
    expect(info).toMatchObject({ format: 'jxl', width: 120, height: 90, pages: 6 })
    const image = await openImage(data, { limits: withDefaults({}), failOn: 'error', decoders })
    expect(image.metadata).toMatchObject({ pages: 6, delay: [100, 200, 300, 400, 500, 600], loop: 3 })
  })

  it('finds a quality for maxBytes and for a similarity', async () => {
    const photo = await fixture('landscape.jpg')
    const small: ImageOp = { resize: 160 }
    const fitted = await transform(photo, [small, { format: { type: 'jxl', maxBytes: 2000, effort: 3 } }])
    expect(fitted.data.length).toBeLessThanOrEqual(2000)
    expect(fitted.info.quality).toBeGreaterThan(1)
    const similar = await transform(photo, [small, { format: { type: 'jxl', quality: 'auto', effort: 3 } }])
    expect(similar.info.similarity).toBeGreaterThanOrEqual(0.998)
    expect(similar.info.quality).toBeGreaterThan(30)
  })

  it('is chosen by auto only if it is among the formats', async () => {
    const photo = await fixture('landscape.jpg')
    const among = ['jxl', 'jpeg'] as const
    const { info } = await transform(photo, [
      { resize: 300 },
      { format: { type: 'auto', among: [...among] } },
    ])
    expect(info.format).toBe('jxl')
    const { info: usual } = await transform(photo, [{ resize: 300 }, { format: 'auto' }])
    expect(usual.format).not.toBe('jxl')
  })

  it.each([
    [{ distance: 1, quality: 80 }],
    [{ distance: 1, lossless: true }],
    [{ distance: 1, maxBytes: 1000 }],
    [{ effort: 10 }],
    [{ distance: 26 }],
  ])('refuses %o', async (options) => {
    const ops = [{ format: { type: 'jxl', ...options } }] as unknown as ImageOp[]
    await expect(transform(await makePicture('rgb'), ops)).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
    })
  })

  it('is ABORTED while it encodes', async () => {
    const controller = new AbortController()
    const options = { limits: withDefaults({}), failOn: 'error', signal: controller.signal } as const
    const image = await openImage(await makePicture('rgb', 1200, 900), options)
    const rendered = renderRendition(image, [{ format: { type: 'jxl', effort: 9 } }])
    setTimeout(() => controller.abort(), 50)
    await expect(rendered).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('has the size that was planned, after any resize', async () => {
    const image = await openImage(await makePicture('rgb'), { limits: withDefaults({}), failOn: 'error' })
    const side = fc.integer({ min: 1, max: 120 })
    await fc.assert(
      fc.asyncProperty(side, side, async (width, height) => {
        const ops: ImageOp[] = [
          { resize: { width, height, fit: 'fill', enlarge: true } },
          { format: { type: 'jxl', effort: 1 } },
        ]
        const { info } = await renderRendition(image, ops)
        expect(pictureAfter(image, ops)).toMatchObject({ width: info.width, height: info.height })
      }),
      { numRuns: 20 },
    )
  })
})
