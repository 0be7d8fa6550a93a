import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { tryToDecode } from '../../src/image/avif-sequence.js'
import { estimateMemory } from '../../src/jobs/job-memory.js'
import { renderRendition } from '../../src/render/render-rendition.js'
import {
  decodeByAvifdec,
  drawFrames,
  encodeSequence,
  hasAvifTools,
  setPlays,
} from '../support/avif-sequences.js'
import { expectPixels } from '../support/frames.js'
import { open } from '../support/own-formats.js'

const [WIDTH, HEIGHT, COUNT] = [61, 43, 5]
const frames = drawFrames(WIDTH, HEIGHT, COUNT, true)
const opaque = drawFrames(WIDTH, HEIGHT, COUNT, false)
const delays = frames.map(({ ms }) => ms)
const LOSSLESS = { format: { type: 'webp', lossless: true } } as const

const animated = await hasAvifTools()
const moving = animated
  ? await encodeSequence({ width: WIDTH, height: HEIGHT, frames, options: ['-y', '420'] })
  : Buffer.alloc(0)

/** Kinds of files, and the levels of 255 by which two decoders may differ: from 10 bits they round differently. */
const KINDS = [
  { name: '4:2:0', options: ['-y', '420'], alpha: true },
  { name: '4:2:2', options: ['-y', '422'], alpha: false },
  { name: '4:4:4', options: ['-y', '444'], alpha: true },
  { name: 'grey', options: ['-y', '400'], alpha: false },
  { name: '10 bits', options: ['-d', '10', '-y', '444'], alpha: true },
  { name: '12 bits', options: ['-d', '12', '-y', '420'], alpha: false },
  { name: 'lossless', options: ['--lossless'], alpha: true },
  { name: 'premultiplied', options: ['-p', '-y', '444'], alpha: true },
  { name: 'only key frames', options: ['-k', '1', '-y', '444'], alpha: true },
  { name: 'a key frame after two', options: ['-k', '2', '-y', '444'], alpha: true },
] as const

/** Replaces 4 bytes of the first box of a type in the movie. */
function patch(file: Buffer, type: string, offset: number, value: number): Buffer {
  const copy = Buffer.from(file)
  copy.writeUInt32BE(value, copy.indexOf(type, copy.indexOf('moov')) + 4 + offset)
  return copy
}

describe.skipIf(!animated)('an animated AVIF', () => {
  it.for(KINDS)('gives the frames that avifdec gives: $name', async ({ name, options, alpha }) => {
    const drawn = alpha ? frames : opaque
    const file = await encodeSequence({ width: WIDTH, height: HEIGHT, frames: drawn, options })
    const { data, info } = await renderRendition(await open(file), [LOSSLESS])
    expect(info).toMatchObject({ width: WIDTH, height: HEIGHT, pages: COUNT, delay: delays, loop: 0 })
    expect(info).not.toHaveProperty('warnings')
    const right = await decodeByAvifdec(file, COUNT)
    const pixels = await sharp(data, { animated: true }).ensureAlpha().raw().toBuffer()
    expectPixels(pixels, { ...SIZE, frames: right }, 3, name)
  })

  it('becomes an animated WebP and GIF with its times, through operations', async () => {
    const image = await open(moving)
    const webp = await renderRendition(image, [{ rotate: 90 }, { resize: '50%' }, { format: 'webp' }])
    expect(webp.info).toMatchObject({ width: 22, height: 31, pages: COUNT, delay: delays, loop: 0 })
    const gif = await renderRendition(image, [{ format: 'gif' }])
    expect(gif.info).toMatchObject({ pages: COUNT, delay: delays })
  })

  it.for([
    [1, 1],
    [3, 3],
    [Infinity, 0],
  ] as const)('that plays %d times has the loop %d', async ([plays, loop]) => {
    const { info } = await renderRendition(await open(setPlays(moving, plays)), [{ format: 'webp' }])
    expect(info).toMatchObject({ pages: COUNT, loop })
  })

  it('gives stills of its first frame and of any other, with the depth of the file', async () => {
    const options = ['-d', '10', '-y', '444']
    const file = await encodeSequence({ width: WIDTH, height: HEIGHT, frames, options })
    const right = await decodeByAvifdec(file, COUNT)
    for (const page of [0, 3]) {
      const ops = page === 0 ? [] : [{ page }]
      const { data, info } = await renderRendition(await open(file), [...ops, { format: 'png' }])
      expect(info).toMatchObject({ format: 'png', page, sourcePages: COUNT })
      expect(info).not.toHaveProperty('warnings')
      expect((await sharp(data).metadata()).depth).toBe('ushort')
      const pixels = await sharp(data).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer()
      expectPixels(pixels, { ...SIZE, frames: [right[page]!] }, 3, `frame ${page}`)
    }
    await expect(renderRendition(await open(file), [{ page: COUNT }])).rejects.toThrow('there is no page 5')
  })

  it('stays an AVIF without a format, with a warning that the animation is lost', async () => {
    const { info } = await renderRendition(await open(moving), [])
    expect(info).toMatchObject({ format: 'avif', page: 0, sourcePages: COUNT })
    expect(info.warnings).toEqual([
      `The source is an animation of ${COUNT} frames, and an AVIF is written without animation: it shows the first frame. Choose the format webp or gif to keep all.`,
    ])
  })

  it('is a still, with a warning, if all frames take longer than the limit of seconds', async () => {
    const big = patch(moving, 'av01', 24, (8000 << 16) + 6000)
    const image = await open(big, { seconds: 4 })
    const { info } = await renderRendition(image, [{ format: 'webp' }])
    expect(info).toMatchObject({ page: 0, sourcePages: COUNT })
    expect(info.warnings?.[0]).toMatch(/only the first: .* raise limits\.seconds \(--timeout\) to \d+/)
    await expect(renderRendition(image, [{ page: 1 }])).rejects.toThrow('only the first is read')
  })

  it('is a still, with a warning, if its brand is that of one, as in browsers', async () => {
    const still = Buffer.from(moving)
    still.write('avif', 8, 'latin1')
    const { info } = await renderRendition(await open(still), [{ format: 'webp' }])
    expect(info).toMatchObject({ page: 0, sourcePages: COUNT })
    expect(info.warnings?.[0]).toContain('Its brand is that of a still')
  })

  it('is refused above the limits of frames and pixels', async () => {
    await expect(open(moving, { frames: COUNT - 1 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    await expect(open(moving, { pixels: 1000 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    const image = await open(moving, { pixels: WIDTH * HEIGHT * 2 })
    await expect(renderRendition(image, [LOSSLESS])).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    await expect(renderRendition(image, [{ format: 'jpeg' }])).resolves.toBeDefined()
  })

  it('counts the memory of its frames only for an animation', async () => {
    const image = await open(moving)
    const [still, all] = (['jpeg', 'webp'] as const).map((format) =>
      estimateMemory(image, [{ ops: [{ format }] }]),
    )
    expect(all! - still!).toBeGreaterThanOrEqual(WIDTH * HEIGHT * 4 * (COUNT - 1))
  })

  it('is CORRUPT_IMAGE if it is cut off or its tables lie', async () => {
    const damaged = {
      'cut off': moving.subarray(0, moving.length - 40),
      'a huge number of frames': patch(moving, 'stsz', 8, 900),
      'samples beyond the end': patch(moving, 'stco', 8, moving.length),
      'no chunks': patch(moving, 'stco', 4, 0),
      'a table of times that is too long': patch(moving, 'stts', 4, 2 ** 31),
      'sizes that overlap': patch(moving, 'stsz', 4, moving.length - 100),
    }
    for (const [name, file] of Object.entries(damaged)) {
      await expect(open(file), name).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
    }
    const { info } = await renderRendition(await open(damaged['cut off'], {}, 'none'), [{ format: 'webp' }])
    expect(info.warnings?.[0]).toContain('The others are damaged.')
    // More than the limit: refused before any is looked for.
    await expect(open(patch(moving, 'stsz', 8, 2 ** 31))).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
  })

  it('is CORRUPT_IMAGE if a frame is', async () => {
    const file = Buffer.from(moving)
    file.fill(0xa5, file.length - 200, file.length - 4)
    const image = await open(file)
    await expect(renderRendition(image, [LOSSLESS])).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  it('stops when it is aborted', async () => {
    const controller = new AbortController()
    const image = await open(moving)
    const aborting = { ...image, options: { ...image.options, signal: controller.signal } }
    controller.abort()
    await expect(renderRendition(aborting, [LOSSLESS])).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

const SIZE = { width: WIDTH, height: HEIGHT, delays: [], plays: 0 }

describe('a libvips whose decoder gives the first picture', () => {
  it('is noticed', async () => {
    const black = sharp({ create: { width: 16, height: 16, channels: 3, background: 'black' } })
    expect(await tryToDecode(await black.avif().toBuffer())).toBe(false)
    expect(await tryToDecode(Buffer.from('no picture'))).toBe(false)
  })
})
