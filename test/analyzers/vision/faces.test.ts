import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { intersectionOverUnion } from '../../../src/analyzers/vision/boxes.js'
import { faces } from '../../../src/analyzers/vision/faces.js'
import { PHOTOS_OF_FACES, readFacePhoto } from '../../support/faces.js'
import { fixture } from '../../support/pictures.js'
import { draw, find, plain } from '../find.js'

const photo = await readFacePhoto('sample6.jpg')
const found = await find(faces, photo)

/** Returns the number of faces that both findings have at the same place. */
function countSame(a: typeof found, b: typeof found): number {
  return a.faces.filter((one) => b.faces.some((other) => intersectionOverUnion(one, other) > 0.6)).length
}

describe('faces', () => {
  it.each(PHOTOS_OF_FACES)(
    'finds all $faces faces of $file, and nothing else',
    async ({ file, faces: count }) => {
      const { faces: boxes, model } = await find(faces, await readFacePhoto(file))
      expect(boxes).toHaveLength(count)
      expect(model).toBe(faces.model)
      for (const { left, top, width, height, score } of boxes) {
        expect(left + width).toBeLessThanOrEqual(1)
        expect(top + height).toBeLessThanOrEqual(1)
        expect(score).toBeGreaterThan(0.7)
        // All of these sit or stand: their heads are in the upper part.
        expect(top + height / 2).toBeLessThan(0.8)
      }
    },
  )

  it.each([
    'photos/landscape.jpg',
    'photos/cmyk.jpg',
    'photos/grey.jpg',
    'photos/animated.gif',
    'odd/one-pixel.png',
    'odd/wide.png',
  ])('finds none in %s', async (file) => {
    expect((await find(faces, await fixture(file))).faces).toEqual([])
  })

  it('finds none in a plain picture, a transparent one and a drawing', async () => {
    for (const picture of [
      plain('white'),
      plain('transparent', 300, 100),
      draw('<circle cx="50" cy="50" r="40" fill="pink"/>', 100, 100),
    ]) {
      expect((await find(faces, picture)).faces).toEqual([])
    }
  })

  it('returns the same boxes at each call, and for several pictures at once', async () => {
    const all = await Promise.all([photo, photo, photo].map((bytes) => find(faces, bytes)))
    for (const one of all) expect(one).toEqual(found)
  })

  it.each([
    ['grey', (image: Sharp) => image.greyscale().toColourspace('b-w').png()],
    ['CMYK', (image: Sharp) => image.toColourspace('cmyk').jpeg({ quality: 90 })],
    ['16 bits', (image: Sharp) => image.toColourspace('rgb16').png()],
    ['alpha', (image: Sharp) => image.ensureAlpha().webp({ quality: 90 })],
    ['a tenth of the size', (image: Sharp) => image.resize(240).jpeg({ quality: 90 })],
    ['four times the size', (image: Sharp) => image.resize(4000).jpeg({ quality: 80 })],
  ])('finds the same faces in %s', async (_, convert) => {
    const { faces: boxes } = await find(faces, await convert(sharp(photo)).toBuffer())
    expect(countSame(found, { ...found, faces: boxes })).toBe(4)
  })

  it('returns boxes of the upright picture if the source lies on its side', async () => {
    const lying = await sharp(photo)
      .rotate(270)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 90 })
      .toBuffer()
    expect(countSame(found, await find(faces, lying))).toBe(4)
  })

  it('looks at the first frame of an animation', async () => {
    const frames = await Promise.all([
      sharp(photo).resize(600, 400, { fit: 'fill' }).png().toBuffer(),
      plain('white', 600, 400).png().toBuffer(),
    ])
    const animation = await sharp(frames, { join: { animated: true } })
      .webp({ quality: 90 })
      .toBuffer()
    expect((await find(faces, animation)).faces).toHaveLength(4)
  })

  it('finds a hundred faces, give or take a few', async () => {
    const [face] = found.faces
    const { width, height } = await sharp(photo).metadata()
    const side = Math.round(2 * face!.width * width)
    const tile = await sharp(photo)
      .extract({
        left: Math.round((face!.left + face!.width / 2) * width - side / 2),
        top: Math.round((face!.top + face!.height / 2) * height - side / 2),
        width: side,
        height: side,
      })
      .resize(120, 120)
      .png()
      .toBuffer()
    const crowd = sharp({ create: { width: 1200, height: 1200, channels: 3, background: 'white' } })
      .composite([{ input: tile, tile: true, gravity: 'northwest' }])
      .png()
    const { faces: boxes } = await find(faces, await crowd.toBuffer())
    expect(boxes.length).toBeGreaterThanOrEqual(90)
    expect(boxes.length).toBeLessThanOrEqual(105)
  })

  it('fails for a damaged picture with CORRUPT_IMAGE', async () => {
    const damaged = Buffer.concat([photo.subarray(0, 20_000), Buffer.alloc(3000, 7)])
    await expect(find(faces, damaged)).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })
})
