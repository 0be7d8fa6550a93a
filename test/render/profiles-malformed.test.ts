import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { addMetadata } from '../../src/metadata/png/chunks.js'
import { transform } from '../../src/transform.js'
import { DISPLAY_P3, makeRgbProfile, SRGB_CURVE } from '../support/profiles.js'

const PROFILE = makeRgbProfile(DISPLAY_P3, SRGB_CURVE).icc

function changed(change: (icc: Buffer) => void): Buffer {
  const icc = Buffer.from(PROFILE)
  change(icc)
  return icc
}

/** Profiles that lcms and browsers apply, and libpng refuses or leaves out. */
const MALFORMED = {
  'a length before its end': Buffer.concat([PROFILE, Buffer.alloc(1)]),
  'an unknown intent': changed((icc) => icc.writeUInt32BE(0x10000, 64)),
}

/** Profiles that browsers ignore. lcms applies the first four. */
const USELESS = {
  'a length beyond its end': changed((icc) => icc.writeUInt32BE(icc.length + 100)),
  'a tag beyond its end': changed((icc) => icc.writeUInt32BE(1e9, 136)),
  'a tag of three bytes': changed((icc) => icc.writeUInt32BE(3, 140)),
  'another white point than D50': changed((icc) => icc.writeInt32BE(0xc000, 68)),
  'a future version': changed((icc) => icc.writeUInt8(5, 8)),
  'no signature': changed((icc) => icc.write('xxxx', 36)),
  'the class of device links': changed((icc) => icc.write('link', 12)),
  'an unknown connection space': changed((icc) => icc.write('Luv ', 20)),
  'too many tags': changed((icc) => icc.writeUInt32BE(5000, 128)),
  'no header': PROFILE.subarray(0, 100),
}

const FORMATS = ['png', 'jpeg', 'webp', 'avif', 'tiff'] as const

/** Creates a JPEG of one colour with a profile, in an APP2 segment. (ICC.1:2022, annex B.4) */
async function makeJpeg(icc: Buffer): Promise<Buffer> {
  const jpeg = await sharp({
    create: { width: 16, height: 16, channels: 3, background: { r: 200, g: 110, b: 90 } },
  })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer()
  const head = Buffer.from('\xff\xe2\0\0ICC_PROFILE\0\x01\x01', 'latin1')
  head.writeUInt16BE(icc.length + 16, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, icc, jpeg.subarray(2)])
}

async function firstPixel(bytes: Buffer): Promise<number[]> {
  return [...(await sharp(bytes, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)]
}

/** Creates a WebP of one colour with a profile. */
async function makeWebp(icc: Buffer): Promise<Buffer> {
  const placeholder = await sharp({
    create: { width: 16, height: 16, channels: 3, background: { r: 200, g: 110, b: 90 } },
  })
    .withIccProfile('p3')
    .webp({ lossless: true })
    .toBuffer()
  const at = placeholder.indexOf('ICCP')
  const end = at + 8 + placeholder.readUInt32LE(at + 4)
  const head = Buffer.from(placeholder.subarray(at, at + 8))
  head.writeUInt32LE(icc.length, 4)
  const parts = [placeholder.subarray(0, at), head, icc, Buffer.alloc(icc.length % 2)]
  const webp = Buffer.concat([...parts, placeholder.subarray(end + (end % 2))])
  webp.writeUInt32LE(webp.length - 8, 4)
  return webp
}

describe.each([
  ['one pass', []],
  ['several passes', [{ blur: 1 }, { pad: 2 }, { rotate: 90 }, { crop: '16x16' }]],
] as const)('a malformed profile, kept through %s', (_, ops) => {
  it.each(Object.entries(MALFORMED))('is applied if it has %s', async (_name, icc) => {
    const source = await makeJpeg(icc)
    for (const format of FORMATS) {
      const { data } = await transform(source, [...ops, { metadata: 'icc' }, { format }])
      expect((await sharp(data).metadata()).icc, format).toBeUndefined()
      const difference = (await firstPixel(data)).map((value, at) => Math.abs(value - [215, 104, 84][at]!))
      expect(Math.max(...difference), format).toBeLessThanOrEqual(3)
    }
  })

  it.each(Object.entries(USELESS))('is left out if it has %s', async (_name, icc) => {
    const source = await makeJpeg(icc)
    for (const format of FORMATS) {
      const { data } = await transform(source, [...ops, { metadata: 'icc' }, { format }])
      expect((await sharp(data).metadata()).icc, format).toBeUndefined()
      const difference = (await firstPixel(data)).map((value, at) => Math.abs(value - [200, 110, 90][at]!))
      expect(Math.max(...difference), format).toBeLessThanOrEqual(3)
    }
  })
})

describe('a profile with a wrong length', () => {
  it('gets the right one in a PNG, so that it is applied', async () => {
    const plain = await sharp({
      create: { width: 1, height: 1, channels: 3, background: { r: 200, g: 110, b: 90 } },
    })
      .png()
      .toBuffer()
    for (const icc of [USELESS['a length beyond its end'], MALFORMED['a length before its end']]) {
      const { data } = await transform(addMetadata(plain, { icc }), [{ format: 'png' }])
      expect(await firstPixel(data)).toEqual([214, 104, 84])
    }
  })
})

describe('a malformed profile of a WebP', () => {
  it.each(Object.entries(USELESS))('is left out if it has %s', async (_name, icc) => {
    const webp = await makeWebp(icc)
    const stored = await firstPixel(webp)
    const { data } = await transform(webp, [{ format: 'png' }])
    expect(await firstPixel(data)).toEqual(stored)
  })

  it('is applied if it is well-formed', async () => {
    const webp = await makeWebp(PROFILE)
    const { data } = await transform(webp, [{ format: 'png' }])
    expect(await firstPixel(data)).not.toEqual(await firstPixel(webp))
  })
})
