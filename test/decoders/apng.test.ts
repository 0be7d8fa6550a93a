import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { generateApng, apngs } from '../../torture/grammar/apng.js'
import { writeApng, type ApngFile, type ApngFrame } from '../../torture/grammar/apng-file.js'
import { renderRendition } from '../../src/render/render-rendition.js'
import { expectPixels } from '../support/frames.js'
import { open, readDamaged } from '../support/own-formats.js'

const files = [...apngs()]
const named = new Map(files.map((file) => [file.name, file]))

/** Expects the frames of an opened file. Each blended frame is rounded, by at most a level of alpha and of a colour times alpha. */
async function expectFrames({ name, bytes, expected }: (typeof files)[number], tolerance = 1): Promise<void> {
  const image = await open(bytes)
  const data = await sharp(image.bytes, { animated: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer()
  expectPixels(data, expected, tolerance, name)
  if (expected.frames.length === 1) return
  const { delay, loop, pages } = image.metadata
  expect([delay, loop, pages], name).toEqual([expected.delays, expected.plays, expected.frames.length])
}

/** A frame at any place of a small canvas. */
function anyFrame(width: number, height: number): fc.Arbitrary<ApngFrame> {
  return fc
    .record({
      x: fc.tuple(fc.nat(width - 1), fc.nat(width - 1)),
      y: fc.tuple(fc.nat(height - 1), fc.nat(height - 1)),
      dispose: fc.constantFrom(0, 1, 2),
      blend: fc.constantFrom(0, 1),
      delay: fc.tuple(fc.nat(65_535), fc.nat(65_535)),
      seed: fc.uint8Array({ minLength: 8, maxLength: 64 }),
    })
    .map(({ x, y, seed, ...rest }) => {
      const [left, top] = [Math.min(...x), Math.min(...y)]
      const size = { width: Math.max(...x) - left + 1, height: Math.max(...y) - top + 1 }
      const bytes = size.width * size.height * 4
      const pixels = Uint8Array.from({ length: bytes }, (_, at) => seed[at % seed.length]! ^ (at >> 4))
      return { left, top, ...size, pixels, ...rest }
    })
}

const anyApng: fc.Arbitrary<ApngFile> = fc
  .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
  .chain(({ width, height }) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      plays: fc.nat(70_000),
      parts: fc.integer({ min: 1, max: 4 }),
      poster: fc.constant(new Uint8Array(width * height * 4).fill(99)),
      frames: fc.array(anyFrame(width, height), { minLength: 1, maxLength: 6 }),
    }),
  )

describe('APNG', () => {
  it('gives the frames, times and loops of each kind of disposal, blending, offset and default picture', async () => {
    for (const file of files) await expectFrames(file)
    expect(files.length).toBeGreaterThan(200)
  })

  it('gives the frames of any file as an independent composer does', async () => {
    expect.hasAssertions()
    await fc.assert(
      fc.asyncProperty(anyApng, async (apng) => expectFrames(generateApng('any', apng), apng.frames.length)),
      { numRuns: 250 },
    )
  }, 120_000)

  it('becomes an animated WebP and GIF with its times and loops, through operations', async () => {
    const { bytes, expected } = named.get('delay 65540')!
    const image = await open(bytes)
    const webp = await renderRendition(image, [
      { resize: '50%' },
      { rotate: 90 },
      { format: 'webp:lossless=true' },
    ])
    expect(webp.info).toMatchObject({ width: 5, height: 7, pages: 2, delay: expected.delays, loop: 0 })
    const gif = await renderRendition(image, [{ blur: 1 }, { format: 'gif' }])
    expect(gif.info).toMatchObject({ format: 'gif', pages: 2, delay: expected.delays, loop: 0 })
  })

  it('keeps the pixels of all frames in a lossless WebP', async () => {
    expect.hasAssertions()
    for (const name of ['source over', 'to previous', 'default picture apart', '16 bits']) {
      const { bytes, expected } = named.get(name)!
      const { data } = await renderRendition(await open(bytes), [
        { format: { type: 'webp', lossless: true } },
      ])
      const pixels = await sharp(data, { animated: true }).ensureAlpha().raw().toBuffer()
      expectPixels(pixels, expected, 1, name)
    }
  })

  it('has the greatest number of plays that each format holds', async () => {
    const image = await open(named.get('plays 70000')!.bytes)
    const loops = await Promise.all(
      (['webp', 'gif'] as const).map(
        async (format) => (await renderRendition(image, [{ format }])).info.loop,
      ),
    )
    expect(loops).toEqual([65_535, 65_536])
  })

  it('becomes a still of its first frame in a format without animation, and says so', async () => {
    const { bytes, expected } = named.get('default picture apart')!
    const image = await open(bytes)
    const { data, info } = await renderRendition(image, [{ format: 'png' }])
    expect(info).toMatchObject({ format: 'png', page: 0, sourcePages: 2 })
    expect(info).not.toHaveProperty('warnings')
    const first = { ...expected, frames: expected.frames.slice(0, 1) }
    expectPixels(await sharp(data).ensureAlpha().raw().toBuffer(), first, 0, 'first frame')
  })

  it('stays a PNG without a format, with a warning that the animation is lost', async () => {
    const { info } = await renderRendition(await open(named.get('source over')!.bytes), [])
    expect(info).toMatchObject({ format: 'png', page: 0, sourcePages: 3 })
    expect(info.warnings).toEqual([
      'The source is an animation of 3 frames, and a PNG is written without animation: it shows the first frame. Choose the format webp or gif to keep all.',
    ])
  })

  it('keeps 16 bits in a still', async () => {
    const { data } = await renderRendition(await open(named.get('16 bits')!.bytes), [{ format: 'png' }])
    expect((await sharp(data).metadata()).depth).toBe('ushort')
  })

  it('gives any of its frames by page', async () => {
    const { bytes, expected } = named.get('over translucent')!
    const image = await open(bytes)
    for (const [page, frame] of expected.frames.entries()) {
      const { data, info } = await renderRendition(image, [{ page }, { format: 'png' }])
      expect(info).toMatchObject({ page, sourcePages: 3 })
      const pixels = await sharp(data).ensureAlpha().raw().toBuffer()
      expectPixels(pixels, { ...expected, frames: [frame] }, 1, `page ${page}`)
    }
  })

  it('keeps the meaning of its colours', async () => {
    const gamma = Buffer.alloc(4)
    // Linear light.
    gamma.writeUInt32BE(100_000)
    const pixels = new Uint8Array(4 * 4).fill(55)
    for (let at = 3; at < 16; at += 4) pixels[at] = 255
    const frame = { left: 0, top: 0, width: 2, height: 2, delay: [1, 10], dispose: 0, blend: 0 } as const
    const other = Uint8Array.from(pixels, (value, at) => (at % 4 === 3 ? 255 : 255 - value))
    const frames = [
      { ...frame, pixels },
      { ...frame, pixels: other },
    ]
    const bytes = writeApng({ width: 2, height: 2, plays: 0, frames, chunks: [['gAMA', gamma]] })
    const { data } = await renderRendition(await open(bytes), [{ format: { type: 'webp', lossless: true } }])
    const shown = await sharp(data, { animated: true }).raw().toBuffer()
    // 55/255 of the light is 128 in sRGB, and 200/255 is 227 (IEC 61966-2-1). Without a conversion they would stay as they are.
    expect(Math.abs(shown[0]! - 128)).toBeLessThanOrEqual(2)
    expect(Math.abs(shown.at(-2)! - 227)).toBeLessThanOrEqual(2)
  })

  it.each([
    [
      'is cut off in a frame',
      (bytes: Buffer) => bytes.subarray(0, bytes.lastIndexOf('fdAT') + 6),
      /it has 2 of 3 frames/,
    ],
    [
      'has frames out of order',
      (bytes: Buffer) => rewrite(bytes, 'fcTL', 1, (data) => data.writeUInt32BE(9)),
      /out of order/,
    ],
    [
      'has a frame outside',
      (bytes: Buffer) => rewrite(bytes, 'fcTL', 1, (data) => data.writeUInt32BE(99, 12)),
      /frame 1 lies outside of the picture/,
    ],
    [
      'has a frame of no width',
      (bytes: Buffer) => rewrite(bytes, 'fcTL', 1, (data) => data.writeUInt32BE(0, 4)),
      /lies outside/,
    ],
    [
      'tells more frames than it has',
      (bytes: Buffer) => rewrite(bytes, 'acTL', 0, (data) => data.writeUInt32BE(900)),
      /it has 3 of 900 frames/,
    ],
  ])(
    'that %s is CORRUPT_IMAGE, and its sound frames are read with failOn none',
    async (_what, damage, reason) => {
      const damaged = damage(Buffer.from(named.get('source over')!.bytes))
      await expect(open(damaged)).rejects.toMatchObject({
        code: 'CORRUPT_IMAGE',
        message: expect.stringMatching(reason) as string,
      })
      const { info } = await renderRendition(await open(damaged, {}, 'none'), [{ format: 'png' }])
      expect([info.width, info.height]).toEqual([14, 10])
    },
  )

  it('with a wrong checksum in a frame is CORRUPT_IMAGE', async () => {
    const bytes = Buffer.from(named.get('source over')!.bytes)
    bytes[bytes.lastIndexOf('fdAT') - 5]! ^= 1
    await expect(open(bytes)).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  it('with too many frames is refused, and with too many pixels still gives its first frame', async () => {
    const { bytes } = named.get('source over')!
    await expect(open(bytes, { frames: 2 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    const image = await open(bytes, { pixels: 150 })
    expect((await renderRendition(image, [{ format: 'jpeg' }])).info.width).toBe(14)
    await expect(renderRendition(image, [{ format: 'webp' }])).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
    })
  })

  it('without frames in its header is a still', async () => {
    const none = rewrite(Buffer.from(named.get('source over')!.bytes), 'acTL', 0, (data) =>
      data.writeUInt32BE(0),
    )
    expect((await open(none)).pages).toBeUndefined()
  })

  it('that is damaged anyhow gives a picture or a clear error', async () => {
    const { pictures, errors } = await readDamaged(files, 500)
    expect(pictures).toBeGreaterThan(20)
    expect(errors['CORRUPT_IMAGE']).toBeGreaterThan(50)
  }, 120_000)
})

/** Changes the data of one chunk in place, and its checksum. */
function rewrite(bytes: Buffer, type: string, index: number, change: (data: Buffer) => void): Buffer {
  let at = -1
  for (let found = 0; found <= index; found++) at = bytes.indexOf(type, at + 1)
  const length = bytes.readUInt32BE(at - 4)
  change(bytes.subarray(at + 4, at + 4 + length))
  bytes.writeUInt32BE(crc32(bytes.subarray(at, at + 4 + length)), at + 4 + length)
  return bytes
}
