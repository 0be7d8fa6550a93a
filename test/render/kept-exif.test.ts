import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp, OpInputs } from '../../src/operations/image-op.generated.js'
import { readExif } from '../support/exif.js'
import { fixture, make } from '../support/pictures.js'

const JPEG_START = Buffer.from([0xff, 0xd8, 0xff])
const AUTHOR = { Artist: 'Ada Example', Copyright: '(c) 2026 Ada Example' }
const CAMERA = { Make: 'Imgproc Works', Model: 'Fixture One', DateTimeOriginal: '2026:06:21 09:30:00' }

const onePass: ImageOp[] = [{ thumbnail: 200 }]
const manyPasses: ImageOp[] = [{ blur: 1 }, { resize: 300 }, { rotate: 90 }, { crop: '100x100' }, { blur: 1 }]

describe.each([
  ['one pass', onePass],
  ['several passes', manyPasses],
])('EXIF of a photo, in %s', (_, ops) => {
  const exifWith = async (keep: OpInputs['metadata']) =>
    readExif((await make(await fixture('photos/landscape.jpg'), [...ops, { metadata: keep }])).data)

  it('is removed unless metadata keeps it', async () => {
    expect(await readExif((await make(await fixture('photos/landscape.jpg'), ops)).data)).toBeUndefined()
    expect(await exifWith('strip')).toBeUndefined()
    expect(await exifWith('icc')).toBeUndefined()
  })

  it('is kept with its GPS position by keep', async () => {
    const exif = await exifWith('keep')
    expect(exif?.tags).toMatchObject({ ...AUTHOR, ...CAMERA })
    expect(exif?.block.includes(position())).toBe(true)
  })

  it('is kept without its GPS position by exif', async () => {
    const exif = await exifWith(['exif'])
    expect(exif?.tags).toMatchObject({ ...AUTHOR, ...CAMERA })
    expect(exif?.tags).not.toHaveProperty('GPS')
    expect(exif?.block.includes(position())).toBe(false)
  })

  it('is reduced to the GPS position by gps alone', async () => {
    const both = await exifWith(['exif', 'gps'])
    expect(both?.tags).toMatchObject({ ...AUTHOR, ...CAMERA })
    expect(both?.block.includes(position())).toBe(true)
    const alone = await exifWith(['gps'])
    expect(alone?.block.includes(position())).toBe(true)
    expect(Object.keys(alone?.tags ?? {})).not.toEqual(expect.arrayContaining(['Make']))
    expect(alone?.block.includes('Ada')).toBe(false)
  })

  it('is reduced to author and copyright by copyright', async () => {
    const exif = await exifWith('copyright')
    expect(exif?.tags).toMatchObject(AUTHOR)
    for (const name of [...Object.keys(CAMERA), 'GPS']) expect(exif?.tags).not.toHaveProperty(name)
    expect(exif?.block.includes('Imgproc')).toBe(false)
    expect(exif?.block.includes('2026:06:21')).toBe(false)
    expect(exif?.block.includes(position())).toBe(false)
  })

  it('never holds the embedded thumbnail', async () => {
    const source = await readExif(await fixture('photos/landscape.jpg'))
    expect(source?.block.includes(JPEG_START)).toBe(true)
    for (const keep of ['keep', 'exif', 'copyright', 'gps', ['exif', 'gps']] as const) {
      const exif = await exifWith(keep)
      expect([exif?.thumbnail, exif?.block.includes(JPEG_START)], String(keep)).toEqual([0, false])
    }
  })
})

describe('stripped EXIF', () => {
  it('holds only the orientation if the pixels are not oriented', async () => {
    const file = await sharp(await fixture('photos/landscape.jpg'))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    expect((await readExif(file))?.block.includes(JPEG_START)).toBe(true)
    for (const ops of [onePass, manyPasses]) {
      const left = await readExif((await make(file, [...ops, { autoOrient: false }])).data)
      expect(left?.tags['Orientation']).toBe(6)
      expect([left?.thumbnail, left?.block.includes(JPEG_START)]).toEqual([0, false])
      for (const name of [...Object.keys(AUTHOR), ...Object.keys(CAMERA), 'GPS'])
        expect(left?.tags).not.toHaveProperty(name)
      expect(left?.block.includes(position())).toBe(false)
    }
  })
})

describe('kept EXIF', () => {
  it.each(['png', 'webp', 'avif'] as const)(
    'is filtered in %s as in JPEG, as source and as output',
    async (type) => {
      const source = await sharp(await fixture('photos/landscape.jpg'))
        .resize(200)
        .keepExif()
        .toFormat(type)
        .toBuffer()
      expect((await readExif(source))?.block.includes(JPEG_START)).toBe(true)
      for (const format of ['jpeg', type] as const) {
        const { data } = await make(source, [{ resize: 100 }, { metadata: ['exif'] }, { format }])
        const exif = await readExif(data)
        expect(exif?.tags).toMatchObject({ ...AUTHOR, ...CAMERA })
        expect([exif?.thumbnail, exif?.block.includes(JPEG_START)]).toEqual([0, false])
        expect(exif?.block.includes(position())).toBe(false)
      }
    },
  )

  it('has orientation 1 after the pixels were oriented', async () => {
    for (const keep of ['keep', 'exif', 'copyright'] as const) {
      const { data, info } = await make(await fixture('photos/orientation/Landscape_6.jpg'), [
        { metadata: keep },
      ])
      expect([info.width, info.height, (await readExif(data))?.tags['Orientation']]).toEqual([240, 160, 1])
    }
  })

  it('keeps the stored orientation if autoOrient is false', async () => {
    for (const keep of ['keep', 'exif', 'copyright', 'strip'] as const) {
      const ops: ImageOp[] = [{ blur: 1 }, { resize: 80 }, { metadata: keep }, { autoOrient: false }]
      const { data, info } = await make(await fixture('photos/orientation/Landscape_6.jpg'), ops)
      expect([info.width, info.height, (await readExif(data))?.tags['Orientation']], keep).toEqual([
        80, 120, 6,
      ])
    }
  })

  it('comes without XMP unless XMP is kept too, because XMP may hold a position', async () => {
    const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- 41,53.41N --></x:xmpmeta>'
    const source = await sharp(await fixture('photos/landscape.jpg'))
      .withXmp(xmp)
      .jpeg()
      .toBuffer()
    const kept = async (ops: ImageOp[]) =>
      (await sharp((await make(source, ops)).data).metadata()).xmp?.toString()
    expect(await kept([...manyPasses, { metadata: 'keep' }])).toContain('41,53.41N')
    expect(await kept([...manyPasses, { metadata: ['exif', 'gps'] }])).toBeUndefined()
    expect(await kept([])).toBeUndefined()
  })
})

/** Returns 41 degrees, 53 minutes as EXIF stores them: numerators and denominators of 32 bits. */
function position(): Buffer {
  return Buffer.from(new Uint32Array([41, 1, 53, 1]).buffer)
}
