import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createJpegEndDecoder } from '../../src/decoders/jpeg-end.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { transform } from '../../src/transform.js'
import { fixture } from '../support/pictures.js'
import { scansOf } from '../support/jpeg-tools.js'

const OPS: ImageOp[] = [{ thumbnail: 100 }, { format: 'png' }]
const FILES = ['landscape.jpg', 'progressive.jpg', 'grey.jpg', 'cmyk.jpg']

describe('JPEG without its EOI marker', () => {
  it.each(FILES.slice(0, 2))('is made as with it, if nothing else is missing: %s', async (name) => {
    const bytes = await fixture(`photos/${name}`)
    const { data } = await transform(bytes, OPS)
    for (const missing of [2, 1])
      expect((await transform(bytes.subarray(0, -missing), OPS)).data.equals(data)).toBe(true)
  })

  it.each(FILES)(
    'is CORRUPT_IMAGE if data is missing as well, or that cannot be excluded: %s',
    async (name) => {
      const bytes = await fixture(`photos/${name}`)
      const missingBytes = [...(FILES.indexOf(name) < 2 ? [3, 4] : [1, 2]), 50]
      for (const missing of [...missingBytes, Math.floor(bytes.length / 3)])
        await expect(transform(bytes.subarray(0, -missing), OPS), String(missing)).rejects.toMatchObject({
          code: 'CORRUPT_IMAGE',
          message: expect.stringContaining('--fail-on none'),
        })
    },
  )

  it('is CORRUPT_IMAGE if scans are missing as well', async () => {
    const bytes = await fixture('photos/progressive.jpg')
    const last = scansOf(bytes).at(-1)!
    await expect(transform(bytes.subarray(0, last), OPS)).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  it('leaves files with the marker to sharp, also if something follows it', async () => {
    const bytes = await fixture('photos/landscape.jpg')
    const decoder = createJpegEndDecoder()
    const isAccepted = (file: Buffer) =>
      decoder.accepts({ bytes: file, metadata: {} as never, format: 'jpeg' })
    expect(isAccepted(bytes)).toBe(false)
    expect(isAccepted(Buffer.concat([bytes, Buffer.from('trailer')]))).toBe(false)
    expect(isAccepted(bytes.subarray(0, -2))).toBe(true)
  })
})

it('decodes what is left of a damaged JPEG at failOn none, and does not advise it when even that fails', async () => {
  const bytes = await fixture('photos/landscape.jpg')
  const cut = bytes.subarray(0, bytes.length / 2)
  await expect(transform(cut, OPS, { failOn: 'none' })).resolves.toMatchObject({ info: { width: 100 } })
  await expect(transform(bytes.subarray(0, 20), OPS, { failOn: 'none' })).rejects.toMatchObject({
    message: expect.not.stringContaining('fail-on'),
  })
})

describe('a JPEG of several pictures (MPO)', () => {
  it('is read as its first picture, without a word of damage', async () => {
    const [first, second] = await Promise.all(
      ['red', 'blue'].map((background) =>
        sharp({ create: { width: 32, height: 24, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    )
    const { data, info } = await transform(Buffer.concat([withMpf(first!, second!.length), second!]), [
      { format: 'png' },
    ])
    expect([info.width, info.height, info.warnings]).toEqual([32, 24, undefined])
    const [red, , blue] = await sharp(data).raw().toBuffer()
    expect(red).toBeGreaterThan(250)
    expect(blue).toBeLessThan(5)
    const kept = await transform(Buffer.concat([withMpf(first!, second!.length), second!]), [
      { resize: 16 },
      { metadata: 'keep' },
    ])
    // The index of pictures does not hold for the output.
    expect(kept.data.includes('MPF\0')).toBe(false)
    expect(kept.data.length).toBeLessThan(first!.length + second!.length)
  })
})

/** Inserts the index of a file of two pictures. (CIPA DC-007, section 5.2) */
function withMpf(jpeg: Buffer, secondBytes: number): Buffer {
  const mpf = Buffer.alloc(8 + 2 + 12 * 3 + 4 + 32)
  mpf.write('II*\0', 'latin1')
  mpf.writeUInt32LE(8, 4)
  mpf.writeUInt16LE(3, 8)
  const entries = [
    [0xb000, 7, 4, 0x30303130],
    [0xb001, 4, 1, 2],
    [0xb002, 7, 32, 50],
  ] as const
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    mpf.writeUInt16LE(tag, 10 + 12 * index)
    mpf.writeUInt16LE(type, 12 + 12 * index)
    mpf.writeUInt32LE(count, 14 + 12 * index)
    mpf.writeUInt32LE(value, 18 + 12 * index)
  }
  const segment = Buffer.concat([Buffer.from([0xff, 0xe2, 0, mpf.length + 6]), Buffer.from('MPF\0'), mpf])
  const whole = jpeg.length + segment.length
  segment.writeUInt32LE(whole, 8 + 50 + 4)
  segment.writeUInt32LE(secondBytes, 8 + 50 + 20)
  segment.writeUInt32LE(whole - 10, 8 + 50 + 24)
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
}
