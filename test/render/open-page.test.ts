import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../src/render/render-rendition.js'
import { gifs } from '../../torture/grammar/gif.js'
import { icons } from '../../torture/grammar/ico.js'
import { webpAnimations } from '../../torture/grammar/webp-animation.js'
import { expectPixels } from '../support/frames.js'
import { open } from '../support/own-formats.js'
import { fixture, pixelAt, pixelsOf } from '../support/pictures.js'

const run = promisify(execFile)

/** Returns the first pixel as RGBA. */
async function colourOf(bytes: Uint8Array): Promise<number[]> {
  return pixelAt(await pixelsOf(bytes), 0, 0)
}

async function has(tool: string): Promise<boolean> {
  return run(tool, ['--version']).then(
    () => true,
    (error: { code?: unknown }) => error.code !== 'ENOENT',
  )
}

/** Joins pages of different colours and widths in a TIFF: little endian, and without compression. */
function writeTiff(pages: readonly { readonly width: number; readonly rgb: readonly number[] }[]): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\x08\0\0\0', 'latin1')]
  let at = 8
  for (const [index, { width, rgb }] of pages.entries()) {
    const pixels = Buffer.from(Array.from({ length: width * 2 }, () => rgb).flat())
    const entries = [
      [256, 3, 1, width],
      [257, 3, 1, 2],
      [258, 3, 1, 8],
      [259, 3, 1, 1],
      [262, 3, 1, 2],
      [273, 4, 1, at + 6 + 12 * 9],
      [277, 3, 1, 3],
      [278, 3, 1, 2],
      [279, 4, 1, pixels.length],
    ] as const
    const end = at + 6 + 12 * entries.length + pixels.length
    const directory = Buffer.alloc(6 + 12 * entries.length)
    directory.writeUInt16LE(entries.length)
    for (const [place, [tag, type, count, value]] of entries.entries()) {
      directory.writeUInt16LE(tag, 2 + 12 * place)
      directory.writeUInt16LE(type, 4 + 12 * place)
      directory.writeUInt32LE(count, 6 + 12 * place)
      directory.writeUInt32LE(value, 10 + 12 * place)
    }
    directory.writeUInt32LE(index === pages.length - 1 ? 0 : end, directory.length - 4)
    parts.push(directory, pixels)
    at = end
  }
  return Buffer.concat(parts)
}

const TIFF = writeTiff([
  { width: 10, rgb: [250, 0, 0] },
  { width: 30, rgb: [0, 240, 0] },
  { width: 20, rgb: [0, 0, 230] },
])

describe('page', () => {
  it('chooses the page of a TIFF, with its own size', async () => {
    const image = await open(TIFF)
    const found = []
    for (const page of [0, 1, 2]) {
      const { data, info } = await renderRendition(image, [{ page }, { format: 'png' }])
      found.push([
        info.width,
        info.page,
        info.sourcePages,
        [...(await sharp(data).raw().toBuffer()).subarray(0, 3)],
      ])
    }
    expect(found).toEqual([
      [10, 0, 3, [250, 0, 0]],
      [30, 1, 3, [0, 240, 0]],
      [20, 2, 3, [0, 0, 230]],
    ])
  })

  it('says in info that a TIFF of several pages gives its first', async () => {
    const { info } = await renderRendition(await open(TIFF), [{ format: 'jpeg' }])
    expect(info).toMatchObject({ width: 10, page: 0, sourcePages: 3 })
    const single = await renderRendition(await open(await fixture('photos/scan.tiff')), [])
    expect(single.info).not.toHaveProperty('sourcePages')
  })

  it('chooses a frame of a GIF as browsers show it, also of one that libnsgif composes wrongly', async () => {
    expect.hasAssertions()
    for (const { name, bytes, expected } of gifs(20)) {
      const image = await open(bytes)
      for (const [page, frame] of expected.frames.entries()) {
        const { data } = await renderRendition(image, [{ page }, { format: 'png' }])
        expectPixels(
          await sharp(data).ensureAlpha().raw().toBuffer(),
          { ...expected, frames: [frame] },
          0,
          `${name} ${page}`,
        )
      }
    }
  })

  it('chooses a frame of a WebP as browsers show it', async () => {
    let count = 0
    for await (const { name, bytes, expected } of webpAnimations()) {
      if (count++ > 60) break
      const image = await open(bytes)
      if (image.pages === undefined) continue
      const page = expected.frames.length - 1
      const { data, info } = await renderRendition(image, [{ page }, { format: 'png' }])
      expect(info.page, name).toBe(page)
      const last = { ...expected, frames: expected.frames.slice(-1) }
      expectPixels(await sharp(data).ensureAlpha().raw().toBuffer(), last, 2, name)
    }
  })

  it('gives a still in the format of the source, with the profile if that is kept', async () => {
    const frames = await Promise.all(
      ['red', 'blue'].map((background) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    const bytes = await sharp(frames, { join: { animated: true } })
      .withIccProfile('p3')
      .webp({ lossless: true })
      .toBuffer()
    const { data, info } = await renderRendition(await open(bytes), [{ page: 1 }, { metadata: 'icc' }])
    expect(info).toMatchObject({ format: 'webp', page: 1, sourcePages: 2 })
    expect(info.pages).toBeUndefined()
    expect((await sharp(data).metadata()).icc).toBeDefined()
    const plain = await renderRendition(await open(bytes), [{ page: 1 }, { format: 'png' }])
    const [red, green, blue] = await colourOf(plain.data)
    expect(Math.max(red!, green!)).toBeLessThan(3)
    expect(blue).toBeGreaterThan(252)
  })

  it('chooses a picture of an icon', async () => {
    const several = [...icons()].find(({ name }) => name === 'several, ico')!
    const image = await open(several.bytes)
    const widths = []
    for (const page of [0, 1, 2]) widths.push((await renderRendition(image, [{ page }])).info.width)
    expect(widths).toEqual([16, 32, 24])
    expect((await renderRendition(image, [])).info).toMatchObject({ page: 1, sourcePages: 3 })
  })

  it('is written itself with neverGrow, not the whole source', async () => {
    const gif = [...gifs(0)].find(({ name }) => name === 'local-palettes')
    const asGif = { format: { type: 'gif', neverGrow: true } } as const
    const { data, info } = await renderRendition(await open(gif!.bytes), [{ page: 1 }, asGif])
    expect(info).toMatchObject({ page: 1, sourcePages: 2 })
    expect((await sharp(data).metadata()).pages ?? 1).toBe(1)
    const asTiff = { format: { type: 'tiff', neverGrow: true } } as const
    const page = await renderRendition(await open(TIFF), [{ page: 1 }, asTiff])
    expect((await sharp(page.data).metadata()).pages ?? 1).toBe(1)
  })

  it('applies the orientation and operations to the page', async () => {
    const { info } = await renderRendition(await open(TIFF), [{ page: 1 }, { rotate: 90 }, { format: 'png' }])
    expect([info.width, info.height]).toEqual([2, 30])
  })

  it.each([
    [3, /page: there is no page 3. The source has 3, from 0 to 2/],
    [100, /there is no page 100/],
  ])('%i of a source with three is an error that tells how many there are', async (page, reason) => {
    await expect(renderRendition(await open(TIFF), [{ page }])).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      stage: 'render',
    })
    await expect(renderRendition(await open(TIFF), [{ page }])).rejects.toThrow(reason)
  })

  it('0 is any source that holds one picture, and 1 is an error', async () => {
    const image = await open(await fixture('photos/landscape.jpg'))
    expect((await renderRendition(image, [{ page: 0 }])).info.width).toBe(800)
    await expect(renderRendition(image, [{ page: 1 }])).rejects.toThrow('The source has a single one, 0')
    const drawing = await open(await fixture('photos/drawing.svg'))
    await expect(renderRendition(drawing, [{ page: 1 }])).rejects.toMatchObject({ code: 'INVALID_OPERATION' })
  })
})

describe.skipIf(!(await has('heif-enc')))('a HEIC of several pictures', () => {
  it('gives its main picture, or that of page', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'imgproc-heic-'))
    try {
      const paths = []
      for (const [index, background] of ['red', 'lime', 'blue'].entries()) {
        const path = join(folder, `${index}.png`)
        await sharp({ create: { width: 64 + 64 * index, height: 64, channels: 3, background } })
          .png()
          .toFile(path)
        paths.push(path)
      }
      const file = join(folder, 'several.heic')
      await run('heif-enc', ['-q', '90', '-o', file, ...paths])
      const image = await open(await readFile(file))
      expect(image.pages).toBe(3)
      for (const page of [0, 1, 2]) {
        const { data, info } = await renderRendition(image, [{ page }, { format: 'png' }])
        expect(info).toMatchObject({ width: 64 + 64 * page, page, sourcePages: 3 })
        const colour = await colourOf(data)
        expect(colour.indexOf(Math.max(...colour.slice(0, 3)))).toBe(page)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
