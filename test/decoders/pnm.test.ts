import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../src/render/render-rendition.js'
import { pnms } from '../../torture/grammar/pnm.js'
import {
  compareWith,
  expectSame,
  findReaders,
  open,
  readDamaged,
  readPixels,
} from '../support/own-formats.js'

const files = [...pnms()]
const named = new Map(files.map((file) => [file.name, file.bytes]))
const readers = await findReaders()

const OTHERS_DIFFER: Readonly<Record<string, RegExp>> = {
  // Takes 200 as full light for 255, and loses alpha of other values than these.
  imagemagick: /greatest 200$|ALPHA, greatest (?!255|65535)/,
  // Clips grey of 16 bits to 8.
  pillow: /^P[25], greatest (?:256|\d{4,})$/,
}

describe('PNM', () => {
  it('is read to the exact pixels, whatever its kind, greatest value, comments and spaces', async () => {
    for (const { name, bytes, expected } of files)
      // From 16 bits, sharp rounds down.
      expectSame(await readPixels(bytes), expected, name, /greatest (?:256|\d{4,})/.test(name) ? 1 : 0)
    expect(files.length).toBeGreaterThan(80)
  })

  it.each(readers)('is read as %s reads it', async (reader) => {
    // Other values than these are rounded down.
    const rough = /greatest (?!(?:1|3|15|255|65535)$)/
    expect(await compareWith(reader, { files, skip: OTHERS_DIFFER[reader], rough })).toBeGreaterThanOrEqual(
      30,
    )
  })

  it('has 16 bits, scaled exactly, if it has more than 255 levels', async () => {
    const bytes = Buffer.concat([Buffer.from('P5 3 1 1000\n'), Buffer.from([0, 0, 0x01, 0xf4, 0x03, 0xe8])])
    const image = await open(bytes)
    expect(image.metadata).toMatchObject({ depth: 'ushort', space: 'grey16', channels: 1 })
    const raw = await sharp(image.bytes).toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer()
    expect([0, 2, 4].map((at) => raw.readUInt16LE(at))).toEqual([0, 32_768, 65_535])
  })

  it('stays grey, becomes JPEG without alpha and PNG with it', async () => {
    const grey = await renderRendition(await open(named.get('P5, greatest 255')!), [])
    expect(grey.info).toMatchObject({ format: 'jpeg', channels: 1 })
    const clear = await renderRendition(await open(named.get('P7 RGB_ALPHA, greatest 255')!), [])
    expect(clear.info).toMatchObject({ format: 'png', channels: 4 })
  })

  it('is read as its first picture if it holds several', async () => {
    expect.hasAssertions()
    const one = named.get('P6, greatest 255')!
    const two = Buffer.concat([one, one])
    expectSame(await readPixels(two), await readPixels(one), 'two')
  })

  it.each([
    ['P6\n10 10\n255\nabc', /ends too early, at least 297 bytes are missing/],
    ['P2\n3 1\n7\n1 x 3', /a character in place of a number at byte/],
    ['P2\n3 1\n7\n1 2 9', /it has a value of 9, above its greatest of 7/],
    ['P2\n3 2\n7\n1 2 3 4 5', /ends too early/],
    ['P5\n3 1\n70000\n', /70000 as its greatest value, which has to be 1 to 65535/],
    ['P5\n3 0\n255\n', /its header says 3x0 pixels/],
    ['P5\n3', /its header tells no (?:width|height)/],
    ['P7\nWIDTH 2\nHEIGHT 1\nMAXVAL 1\nENDHDR\n', /its header tells no DEPTH/],
    [
      'P7\nWIDTH 2\nHEIGHT 1\nDEPTH 3\nMAXVAL 1\nTUPLTYPE RGB_ALPHA\nENDHDR\n',
      /3 samples a pixel, but RGB_ALPHA/,
    ],
    ['P7\nWIDTH 2\nHEIGHT 1\n', /its header has no end/],
  ])('that is damaged is CORRUPT_IMAGE with the reason: %j', async (text, reason) => {
    await expect(open(Buffer.from(text))).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
    await expect(open(Buffer.from(text))).rejects.toThrow(reason)
  })

  it('with unknown samples, and an XV thumbnail, are UNSUPPORTED_FORMAT', async () => {
    const pam = Buffer.from('P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 1\nTUPLTYPE SPECTRUM\nENDHDR\nabcde')
    await expect(open(pam)).rejects.toThrow('This PAM has 5 samples a pixel of the type "SPECTRUM"')
    await expect(open(Buffer.from('P7 332\n#x\n1 1 255\na'))).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
    })
  })

  it('is refused with a false size before memory is taken', async () => {
    await expect(open(Buffer.from('P6 200000 200000 255\n'))).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
    })
    await expect(open(Buffer.from('P3 16000 16000 255\n1'))).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  it('that is cut off is read as far as it goes with failOn none', async () => {
    const { bytes } = await open(Buffer.from('P5 2 2 255\n\xff\xff', 'latin1'), {}, 'none')
    const raw = await sharp(bytes).toColourspace('b-w').raw().toBuffer()
    expect([...raw]).toEqual([255, 255, 0, 0])
  })

  it('that is damaged anyhow gives a picture or a clear error', async () => {
    const { pictures, errors } = await readDamaged(files, 500)
    expect(pictures).toBeGreaterThan(50)
    expect(errors['CORRUPT_IMAGE']).toBeGreaterThan(50)
  }, 60_000)
})
