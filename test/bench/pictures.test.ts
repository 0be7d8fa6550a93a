import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCorpus, drawPhoto } from '../../bench/corpus.js'
import { drawPicture } from '../../bench/draw-picture.js'
import { addPreview, readPreview } from '../../bench/exif-preview.js'

let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'imgproc-bench-test-'))
})

afterAll(() => rm(home, { recursive: true, force: true }))

describe('generated images', () => {
  it('are equal for equal seeds, and differ for different ones', () => {
    const [one, again, other] = [7, 7, 8].map((seed) => drawPicture(333, 222, seed).data)
    expect(Buffer.compare(one!, again!)).toBe(0)
    expect(Buffer.compare(one!, other!)).not.toBe(0)
  })

  it('have as many bits per pixel as photos of a camera', async () => {
    for (const seed of [0, 1, 2]) {
      const jpeg = await drawPhoto(1, 4 / 3, seed)
      const { width, height } = await sharp(jpeg).metadata()
      const bits = (jpeg.length * 8) / (width * height)
      expect(width * height).toBeGreaterThan(0.9e6)
      expect(bits).toBeGreaterThan(2)
      expect(bits).toBeLessThan(4)
    }
  })

  it('have less amplitude in finer detail, as 1/f noise has', () => {
    const { data, width } = drawPicture(512, 512, 3)
    const step = (distance: number) => {
      let sum = 0
      for (let y = 0; y < 512; y++)
        for (let x = 0; x < 512 - distance; x++)
          sum += Math.abs(data[(y * width + x) * 3]! - data[(y * width + x + distance) * 3]!)
      return sum / (512 * (512 - distance))
    }
    expect(step(8)).toBeGreaterThan(step(1) * 1.2)
    expect(step(64)).toBeGreaterThan(step(8) * 1.2)
  })
})

describe('addPreview and readPreview', () => {
  it('store and return a preview, and keep the pixels and orientation of the image', async () => {
    const photo = join(home, 'turned.jpg')
    const { data } = drawPicture(640, 480, 1)
    const image = sharp(data, { raw: { width: 640, height: 480, channels: 3 } })
    await writeFile(photo, await image.withMetadata({ orientation: 6 }).jpeg().toBuffer())

    const carrier = await addPreview(photo)
    expect((await sharp(carrier).metadata()).orientation).toBe(6)
    const [before, after] = await Promise.all([photo, carrier].map((file) => sharp(file).raw().toBuffer()))
    expect(Buffer.compare(before!, after!)).toBe(0)

    const preview = readPreview(carrier)
    expect(await sharp(preview).metadata()).toMatchObject({ width: 160, height: 120, orientation: 6 })
    const plain = await sharp(photo).resize(160, 120).jpeg().toBuffer()
    expect(Buffer.compare(await pixelsOf(preview), await pixelsOf(plain))).toBe(0)
  })
})

describe('corpus', () => {
  it('returns the requested number of images as links to the masters', async () => {
    const corpus = await createCorpus({ work: home, quick: true })
    const { files } = await corpus.take('small', 5)
    expect(files).toHaveLength(5)
    const contents = await Promise.all(files.map((file) => readFile(file, 'base64')))
    expect(new Set(contents).size).toBe(2)
    expect(await sharp(files[0]).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 480 })
    expect((await corpus.take('small')).files).toHaveLength(2)
  })

  it('reuses the images of an earlier run', async () => {
    const first = await (await createCorpus({ work: home, quick: true })).take('progressive', 2)
    const second = await (await createCorpus({ work: home, quick: true })).take('progressive', 2)
    expect(second).toStrictEqual(first)
    expect((await sharp(first.files[0]).metadata()).isProgressive).toBe(true)
  })

  it('takes real photos that are large enough and undamaged', async () => {
    const photos = await mkdtemp(join(home, 'photos-'))
    const size = { width: 1800, height: 1200 }
    const large = await sharp({ create: { ...size, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer()
    await writeFile(join(photos, 'large.jpg'), large)
    await writeFile(join(photos, 'torn.jpg'), large.subarray(0, large.length / 2))
    await writeFile(join(photos, 'small.jpg'), await sharp(large).resize(640).toBuffer())
    const corpus = await createCorpus({ work: home, photos, quick: false })
    const { files } = await corpus.take('baseline', 2)
    expect(files.map((file) => basename(file))).toStrictEqual(['00000-large.jpg', '00001-large.jpg'])
    expect(await readFile(files[1]!)).toStrictEqual(large)
  })

  it('rejects a folder without such a photo', async () => {
    const photos = await mkdtemp(join(home, 'empty-'))
    await expect(createCorpus({ work: home, photos, quick: false })).rejects.toThrow('no undamaged JPEG')
  })
})

function pixelsOf(data: Buffer): Promise<Buffer> {
  return sharp(data).raw().toBuffer()
}
