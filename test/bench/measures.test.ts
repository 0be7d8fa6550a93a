import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawPhoto } from '../../bench/corpus.js'
import { measurePeak } from '../../bench/memory.js'
import { compareWithPlain, decode, measureDistance, measureSimilarity } from '../../bench/pixels.js'

let home: string
let photo: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'imgproc-measures-test-'))
  photo = join(home, 'photo.jpg')
  await sharp(await drawPhoto(0.5, 4 / 3, 1)).toFile(photo)
})

afterAll(() => rm(home, { recursive: true, force: true }))

describe('compareWithPlain', () => {
  const save = async (name: string, image: Sharp) => {
    await mkdir(join(home, name))
    await image.toFile(join(home, name, 'photo.thumb.jpg'))
    return join(home, name)
  }

  it('finds no difference between equal outputs', async () => {
    const out = await save('same', sharp(photo).resize(100, 75, { fit: 'fill' }))
    expect(await compareWithPlain([photo], out)).toStrictEqual({ max: 0, mean: 0 })
  })

  it('finds the difference that another quality makes', async () => {
    const out = await save('other', sharp(photo).resize(100, 75, { fit: 'fill' }).jpeg({ quality: 78 }))
    const { max, mean } = await compareWithPlain([photo], out)
    expect(max).toBeGreaterThan(0)
    expect(mean).toBeGreaterThan(0)
  })

  it('throws if an image has no output', async () => {
    await mkdir(join(home, 'none'))
    await expect(compareWithPlain([photo], join(home, 'none'))).rejects.toThrow(
      'there is no output of photo.jpg',
    )
  })
})

describe('measureDistance and measureSimilarity', () => {
  it('find no difference between equal images, and a larger one with more blur', async () => {
    const same = await decode(sharp(photo))
    const soft = await decode(sharp(photo).blur(2))
    const softer = await decode(sharp(photo).blur(6))
    expect(measureDistance(same, same)).toStrictEqual({ max: 0, mean: 0 })
    expect(measureDistance(same, softer).mean).toBeGreaterThan(measureDistance(same, soft).mean)
    expect(await measureSimilarity(same, same)).toBeCloseTo(1, 6)
    expect(await measureSimilarity(same, softer)).toBeLessThan(await measureSimilarity(same, soft))
  })
})

describe.skipIf(process.platform !== 'linux')('measurePeak', () => {
  it('adds up the memory of processes and their children', async () => {
    const hold = 'const held = Buffer.alloc(150e6, 1); setTimeout(() => held, 1500)'
    const parent = `${hold}; child_process.spawn(process.execPath, ['-e', ${JSON.stringify(hold)}])`
    const peak = await measurePeak([{ file: process.execPath, args: ['-e', parent] }])
    expect(peak).toBeGreaterThan(300)
    expect(peak).toBeLessThan(600)
  })
})
