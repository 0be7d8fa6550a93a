import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp, OpInputs } from '../../src/operations/image-op.generated.js'
import { readExif } from '../support/exif.js'
import { fixture, make } from '../support/pictures.js'
import { insert, makeCorner, makeUltraHdr } from '../support/ultra-hdr.js'

const WIDTH = 400
const HEIGHT = 300

/** Creates an Ultra HDR photo with a red upper left corner, brightened by the gain map. The rest is black. */
async function photo(orientation = 1): Promise<Buffer> {
  const base = await sharp(await makeCorner(WIDTH, HEIGHT, 'red'))
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer()
  return makeUltraHdr(base, await makeCorner(WIDTH / 4, HEIGHT / 4))
}

/** Returns 1 or 0 for each quarter, row by row: 1 if its middle is bright. For example `1000`. */
async function brightOf(bytes: Buffer): Promise<string> {
  const grey = await sharp(bytes).resize(40, 40, { fit: 'fill' }).toColourspace('b-w').raw().toBuffer()
  const middles = [10, 30].flatMap((y) => [10, 30].map((x) => grey[y * 40 + x] ?? 0))
  return middles.map((value) => (value > 30 ? 1 : 0)).join('')
}

/** Renders, and returns the size of the map, and the bright quarters of picture and map. */
async function render(ops: readonly ImageOp[], source?: Buffer, keep: OpInputs['metadata'] = 'keep') {
  const { data } = await make(source ?? (await photo()), [...ops, { metadata: keep }])
  const { gainMap } = await sharp(data).metadata()
  const picture = await brightOf(data)
  if (gainMap === undefined) return { picture }
  const { width, height } = await sharp(gainMap.image).metadata()
  return { picture, map: await brightOf(gainMap.image), size: `${width}x${height}` }
}

describe('gain map', () => {
  it('is kept by metadata: keep and gainmap, and dropped otherwise', async () => {
    expect(await render([{ thumbnail: 100 }])).toEqual({ picture: '1000', map: '1000', size: '25x19' })
    const map = { picture: '1000', map: '1000', size: '25x19' }
    for (const keep of ['gainmap', 'icc,gainmap', ['gainmap', 'exif']] as const) {
      expect(await render([{ thumbnail: 100 }], undefined, keep)).toEqual(map)
    }
    for (const keep of ['strip', 'icc,exif,gps,copyright,xmp'] as const) {
      expect(await render([{ thumbnail: 100 }], undefined, keep)).toEqual({ picture: '1000' })
    }
  })

  it.each<[string, ImageOp[], string]>([
    ['nothing', [], '1000'],
    ['resize', [{ resize: '200x120' }], '1000'],
    ['thumbnail', [{ thumbnail: { width: 90, height: 90, fit: 'cover' } }], '1000'],
    ['flip', [{ flip: true }], '0010'],
    ['flop', [{ flop: true }], '0100'],
    ['rotate', [{ rotate: 90 }], '0100'],
    ['rotate and thumbnail', [{ rotate: 270 }, { thumbnail: 120 }], '0010'],
    ['crop', [{ crop: '200x160@100x70' }], '1000'],
    ['crop and resize', [{ crop: '200x100@0x100' }, { resize: 50 }], '1100'],
  ])('moves with the picture through %s', async (_, ops, bright) => {
    expect(await render(ops)).toMatchObject({ picture: bright, map: bright })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is turned with a picture of EXIF orientation %i',
    async (orientation) => {
      const source = await photo(orientation)
      for (const ops of [[], [{ thumbnail: 100 }], [{ rotate: 90 }], [{ flip: true }]] as const) {
        const { picture, map } = await render(ops, source)
        expect(map).toBe(picture)
      }
    },
  )

  it('is either right or dropped after a crop, in every EXIF orientation', async () => {
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const { picture, map } = await render([{ crop: '100x100@10x10' }], await photo(orientation))
      expect([picture, undefined]).toContain(map)
    }
  })

  it.each<[string, ImageOp[]]>([
    ['another format', [{ format: 'webp' }]],
    ['other colours', [{ grayscale: true }]],
    ['a filter', [{ blur: 2 }]],
    ['a border', [{ pad: 10 }]],
    ['a rotation by 10 degrees', [{ rotate: 10 }, { format: 'jpeg' }]],
    ['several passes', [{ crop: '300x300@0x0' }, { resize: 200 }, { crop: '100x100@0x0' }, { resize: 50 }]],
    ['a search', [{ thumbnail: { width: 90, height: 90, fit: 'cover', position: 'attention' } }]],
    ['maxBytes', [{ format: { type: 'jpeg', maxBytes: 3000 } }]],
    ['a crop smaller than one of its pixels', [{ crop: '3x3@10x10' }]],
  ])('is dropped by %s, and the picture is rendered', async (_, ops) => {
    const { picture, ...rest } = await render(ops)
    expect([picture.length, rest]).toEqual([4, {}])
  })

  it('does not bring in metadata that is not kept', async () => {
    const { exif = Buffer.alloc(0) } = await sharp(await fixture('photos/landscape.jpg')).metadata()
    const head = Buffer.from([0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 255])
    const source = insert(
      await makeUltraHdr(await makeCorner(WIDTH, HEIGHT), await makeCorner(100, 75)),
      Buffer.concat([head, exif]),
    )
    const position = Buffer.from(new Uint32Array([41, 1, 53, 1]).buffer)
    expect((await readExif(source))?.block.includes(position)).toBe(true)
    for (const keep of ['gainmap', 'gainmap,exif', 'gainmap,xmp,copyright'] as const) {
      const { data } = await make(source, [{ thumbnail: 100 }, { metadata: keep }])
      expect((await sharp(data).metadata()).gainMap).toBeDefined()
      expect(data.includes(position)).toBe(false)
      expect(data.includes('Imgproc Works')).toBe(keep === 'gainmap,exif')
    }
  })

  it('is not passed on by neverGrow unless it is kept', async () => {
    const source = await photo()
    const ops: ImageOp[] = [{ format: { type: 'jpeg', quality: 100, neverGrow: true } }]
    expect((await make(source, ops)).data.equals(source)).toBe(false)
    expect((await make(source, [...ops, { metadata: 'keep' }])).data.equals(source)).toBe(true)
  })
})
