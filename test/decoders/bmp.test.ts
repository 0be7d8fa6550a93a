import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../src/render/render-rendition.js'
import { writeBmp } from '../../torture/grammar/bmp-file.js'
import { bmps } from '../../torture/grammar/bmp.js'
import {
  compareWith,
  expectSame,
  findReaders,
  open,
  readDamaged,
  readPixels,
} from '../support/own-formats.js'

const files = [...bmps()]
const named = new Map(files.map((file) => [file.name, file.bytes]))
const readers = await findReaders()

/** Files that a reader of another project takes to be wrong or to be different, each known by its pixels. */
const OTHERS_DIFFER: Readonly<Record<string, RegExp>> = {
  // Wrong colours: OS/2 headers, masks of 52 bytes, alpha of fewer than 8 bits; it takes the spare byte for alpha.
  imagemagick: /header (?:52|64)|4444|1555|10 bits with alpha|spare byte, header 40/,
  // Loses its place after plain indices of 4 bits, and after a jump; ignores alpha of one bit.
  pillow: /RLE of 4 bits, (?!runs|without)|a jump|1555/,
}

describe('BMP', () => {
  it('is read to the exact pixels, whatever its header, depth, masks, compression and order of rows', async () => {
    for (const { name, bytes, expected } of files) expectSame(await readPixels(bytes), expected, name)
    expect(files.length).toBeGreaterThan(150)
  })

  it.each(readers)('is read as %s reads it', async (reader) => {
    const skip = OTHERS_DIFFER[reader]
    // Others round 5, 6 and 10 bits down.
    const rough = /16 bits|565|555|10 bits/
    expect(await compareWith(reader, { files, skip, rough })).toBeGreaterThanOrEqual(40)
  })

  it('becomes JPEG without alpha and PNG with alpha', async () => {
    const opaque = await renderRendition(await open(named.get('24 bits, header 40')!), [])
    const clear = await renderRendition(await open(named.get('8888, header 124')!), [])
    expect([opaque.info.format, clear.info.format]).toEqual(['jpeg', 'png'])
  })

  it('keeps the embedded profile', async () => {
    const image = await open(named.get('profile')!)
    expect(image.metadata.icc?.toString('latin1', 36, 40)).toBe('acsp')
    expect(image.metadata.hasAlpha).toBe(false)
  })

  it('makes a picture opaque whose alpha is all zero', async () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000]
    const data = Buffer.from([10, 20, 30, 0, 40, 50, 60, 0])
    const bytes = writeBmp({ headerBytes: 108, width: 2, height: 1, bits: 32, compression: 3, masks, data })
    const { rgba } = await readPixels(bytes)
    expect([...rgba]).toEqual([30, 20, 10, 255, 60, 50, 40, 255])
  })

  it('that is cut off is CORRUPT_IMAGE, and its rows that are left are read with failOn none', async () => {
    const whole = named.get('24 bits, header 40')!
    const cut = whole.subarray(0, whole.length - 100)
    await expect(open(cut)).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
      message: expect.stringMatching(/ends too early, \d+ bytes are missing/) as string,
    })
    const { bytes } = await open(cut, {}, 'none')
    expect((await sharp(bytes).metadata()).height).toBe(9)
    const rle = named.get('RLE of 8 bits, mixed, header 40')!
    await expect(open(rle.subarray(0, rle.length - 60))).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  it('is refused with a false size before memory is taken', async () => {
    const data = Buffer.alloc(100)
    const lie = (width: number, height: number) =>
      writeBmp({ headerBytes: 40, width, height, bits: 24, data })
    await expect(open(lie(100_000, 100_000))).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    await expect(open(lie(16_000, 16_000))).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
    await expect(open(lie(0, 10))).rejects.toThrow('its header says 0x10 pixels')
    await expect(open(lie(-5, 10))).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  it('with a compression that is not read is UNSUPPORTED_FORMAT, which names it', async () => {
    const of = (compression: number, headerBytes: 40 | 64 = 40) =>
      open(writeBmp({ headerBytes, width: 2, height: 2, bits: 24, compression, data: Buffer.alloc(16) }))
    await expect(of(4)).rejects.toThrow(/This BMP has JPEG compression, which imgproc does not read/)
    await expect(of(5)).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' })
    await expect(of(4, 64)).rejects.toThrow(/RLE compression of 24 bits/)
    await expect(of(99)).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  it('stops if it is aborted', async () => {
    const signal = AbortSignal.abort()
    const { icc: _, ...metadata } = (await open(named.get('24 bits, header 40')!)).metadata
    const { bmpDecoder } = await import('../../src/decoders/bmp/decoder.js')
    await expect(
      bmpDecoder.decode(named.get('24 bits, header 40')!, metadata, { signal, maxPixels: 1e6, seconds: 60 }),
    ).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('that is damaged anyhow gives a picture or a clear error', async () => {
    const { pictures, errors } = await readDamaged(files, 500)
    expect(pictures).toBeGreaterThan(50)
    expect(errors['CORRUPT_IMAGE']).toBeGreaterThan(50)
  }, 60_000)
})
