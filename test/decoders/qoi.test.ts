import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../src/render/render-rendition.js'
import { qois, writeQoi } from '../../torture/grammar/qoi.js'
import {
  compareWith,
  expectSame,
  findReaders,
  open,
  readDamaged,
  readPixels,
} from '../support/own-formats.js'

const files = [...qois()]
const named = new Map(files.map((file) => [file.name, file.bytes]))
const readers = await findReaders()

describe('QOI', () => {
  it('is read to the exact pixels', async () => {
    for (const { name, bytes, expected } of files) expectSame(await readPixels(bytes), expected, name)
    expect(files.length).toBeGreaterThan(60)
  })

  it.each(readers)('is read as %s reads it, if it can', async (reader) => {
    expect([0, files.length]).toContain(await compareWith(reader, { files }))
  })

  it('gives back whatever pixels were written', async () => {
    expect.hasAssertions()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(...([255, 255, 255, 3] as const).map((max) => fc.nat({ max }))), {
          minLength: 1,
          maxLength: 150,
        }),
        async (pixels) => {
          const rgba = Uint8Array.from(pixels.flat())
          const expected = { width: pixels.length, height: 1, rgba }
          expectSame(await readPixels(writeQoi(rgba, pixels.length, 1, 4)), expected, 'random')
        },
      ),
      { numRuns: 100 },
    )
  })

  it('becomes JPEG of three channels and PNG of four', async () => {
    const opaque = await renderRendition(await open(named.get('pattern, 3 channels')!), [])
    const clear = await renderRendition(await open(named.get('pattern, 4 channels')!), [])
    expect([opaque.info.format, clear.info.format]).toEqual(['jpeg', 'png'])
  })

  it('is converted from linear light to sRGB', async () => {
    const rgba = Uint8Array.of(55, 55, 55, 255)
    const { data } = await renderRendition(await open(writeQoi(rgba, 1, 1, 3, 1)), [{ format: 'png' }])
    // 55/255 of the light is 128 in sRGB (IEC 61966-2-1).
    expect((await sharp(data).raw().toBuffer())[0]).toBeCloseTo(128, -0.5)
  })

  it('that is cut off or of a false size is CORRUPT_IMAGE, before memory is taken', async () => {
    const whole = named.get('pattern, 4 channels')!
    await expect(open(whole.subarray(0, 60))).rejects.toThrow(/ends too early, \d+ of 135 pixels are missing/)
    const lying = Buffer.from(whole)
    lying.writeUInt32BE(16_000, 4)
    lying.writeUInt32BE(16_000, 8)
    await expect(open(lying)).rejects.toThrow('most pixels are missing')
    lying.writeUInt32BE(4_000_000_000, 4)
    await expect(open(lying)).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    lying.writeUInt32BE(0, 4)
    await expect(open(lying)).rejects.toThrow('0x16000 pixels')
  })

  it('that is damaged anyhow gives a picture or a clear error', async () => {
    const { pictures, errors } = await readDamaged(files, 500)
    expect(pictures).toBeGreaterThan(50)
    expect(errors['CORRUPT_IMAGE']).toBeGreaterThan(50)
  }, 60_000)
})
