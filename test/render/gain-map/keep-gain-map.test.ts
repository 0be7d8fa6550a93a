import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertSegments } from '../../../src/metadata/containers/jpeg.js'
import { appendGainMap } from '../../../src/metadata/gain-map/ultra-hdr.js'
import type { ImageOp, OpInputs } from '../../../src/operations/image-op.generated.js'
import { readExif } from '../../support/exif.js'
import { fixture, make } from '../../support/pictures.js'
import { insert, makeCorner, makeGainXmp, makeUltraHdr } from '../../support/ultra-hdr.js'

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

/** Returns the size of the map, and the bright quarters of picture and map. */
async function look(data: Buffer) {
  const { gainMap } = await sharp(data).metadata()
  const picture = await brightOf(data)
  if (gainMap === undefined) return { picture }
  const { width, height } = await sharp(gainMap.image).metadata()
  return { picture, map: await brightOf(gainMap.image), size: `${width}x${height}` }
}

/** Renders, and returns how picture and map look. */
async function render(ops: readonly ImageOp[], source?: Buffer, keep: OpInputs['metadata'] = 'keep') {
  const { data, info } = await make(source ?? (await photo()), [...ops, { metadata: keep }])
  return { ...(await look(data)), ...(info.warnings && { warnings: info.warnings }) }
}

// Small files are cached by default. The command switches the cache off.
describe.each([{ files: 20 }, false])('gain map with a cache of %o', (cache) => {
  beforeAll(() => {
    sharp.cache(cache)
  })
  afterAll(() => {
    sharp.cache(true)
  })

  it.each<[string, ImageOp[], string]>([
    ['nothing', [], '1000'],
    ['resize', [{ resize: '200x120' }], '1000'],
    ['thumbnail', [{ thumbnail: { width: 90, height: 90, fit: 'cover' } }], '1000'],
    ['flip', [{ flip: true }], '0010'],
    ['flop', [{ flop: true }], '0100'],
    ['rotate', [{ rotate: 90 }], '0100'],
    ['rotate and thumbnail', [{ rotate: 270 }, { thumbnail: 120 }], '0010'],
    ['thumbnail and rotate', [{ thumbnail: 120 }, { rotate: 180 }], '0001'],
    ['crop', [{ crop: '200x160@100x70' }], '1000'],
    ['crop and resize', [{ crop: '200x100@0x100' }, { resize: 50 }], '1100'],
    ['several passes', [{ rotate: 90 }, { crop: '200x200@50x100' }, { thumbnail: 80 }], '0100'],
    [
      'two crops and two resizes',
      [{ crop: '300x300@100x0' }, { resize: 200 }, { crop: '100x120@10x0' }, { resize: 50 }],
      '1010',
    ],
  ])('moves with the picture through %s', async (_, ops, bright) => {
    expect(await render(ops)).toEqual({ picture: bright, map: bright, size: expect.any(String) })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is turned and cropped with a picture of EXIF orientation %i',
    async (orientation) => {
      const source = await photo(orientation)
      for (const ops of [
        [],
        [{ thumbnail: 100 }],
        [{ rotate: 90 }],
        [{ flip: true }],
        [{ crop: '180x160@0x0' }],
        [{ crop: { width: '60%', height: '55%', left: '40%', top: 0 } }, { flop: true }, { thumbnail: 50 }],
        [{ autoOrient: false }, { crop: '240x190@0x110' }],
      ] as const) {
        const { picture, map } = await render(ops, source)
        expect(map).toBe(picture)
      }
    },
  )
})

/** Attributes that libultrahdr needs besides the gains. */
const CAPACITY = 'hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="3"'

/** Matches levels that differ by what JPEG does to them. */
const near = (levels: readonly number[]) =>
  levels.map((level): unknown => expect.toSatisfy((value: number) => Math.abs(value - level) <= 6))

describe('gain map', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imgproc-gain-map-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('is kept by metadata: keep and gainmap, and dropped otherwise', async () => {
    const map = { picture: '1000', map: '1000', size: '51x38' }
    for (const keep of ['keep', 'gainmap', 'icc,gainmap', ['gainmap', 'exif']] as const) {
      expect(await render([{ thumbnail: 200 }], undefined, keep)).toEqual(map)
    }
    for (const keep of ['strip', 'icc,exif,gps,copyright,xmp'] as const) {
      expect(await render([{ thumbnail: 200 }], undefined, keep)).toEqual({ picture: '1000' })
    }
  })

  it.each<[string, ImageOp[], string]>([
    ['the same part of the picture', [{ resize: '200x100' }], '50x25'],
    // libultrahdr ignores a map whose aspect ratio differs by more than 1 %.
    ['more if rounding would change the aspect ratio', [{ thumbnail: 100 }], '28x21'],
    ['one pixel or more', [{ crop: '3x3@10x10' }], '1x1'],
    ['the aspect ratio of a line', [{ crop: '400x2@0x10' }], '199x1'],
  ])('has a size of %s', async (_, ops, size) => {
    expect(await render(ops)).toMatchObject({ size })
  })

  it('keeps its own size if the picture is only turned', async () => {
    const source = makeUltraHdr(await makeCorner(WIDTH, HEIGHT), await makeCorner(61, 46))
    expect(await render([{ flip: true }], source)).toMatchObject({ size: '61x46' })
    expect(await render([{ rotate: 90 }, { thumbnail: 500 }], source)).toMatchObject({ size: '46x61' })
  })

  it('stays grey or coloured', async () => {
    const grey = await sharp(await makeCorner(100, 75))
      .toColourspace('b-w')
      .jpeg()
      .toBuffer()
    for (const [gains, channels] of [
      [grey, 1],
      [await makeCorner(100, 75, 'red'), 3],
    ] as const) {
      const source = makeUltraHdr(await makeCorner(WIDTH, HEIGHT), gains)
      const { data } = await make(source, [{ crop: '200x200@0x0' }, { metadata: 'gainmap' }])
      const { gainMap } = await sharp(data).metadata()
      expect((await sharp(gainMap?.image).metadata()).channels).toBe(channels)
    }
  })

  it('keeps its values if it has a profile', async () => {
    const gains = await sharp({ create: { width: 100, height: 75, channels: 3, background: '#c03010' } })
      .withIccProfile('p3')
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer()
    const profiled = await sharp(await makeCorner(WIDTH, HEIGHT))
      .jpeg()
      .toBuffer()
    const { data } = await make(makeUltraHdr(profiled, gains), [
      { thumbnail: 200 },
      { metadata: 'gainmap' },
      { format: { type: 'jpeg', quality: 100 } },
    ])
    const { gainMap } = await sharp(data).metadata()
    const [pixel] = [await sharp(gainMap?.image).raw().toBuffer()]
    const before = await sharp(gains, { ignoreIcc: true }).raw().toBuffer()
    for (const channel of [0, 1, 2])
      expect(Math.abs(pixel[channel]! - before[channel]!)).toBeLessThanOrEqual(3)
  })

  it.each<[string, ImageOp[]]>([
    ['quality', [{ format: { type: 'jpeg', quality: 'auto' } }]],
    ['the format', [{ format: { type: 'auto', among: ['jpeg'] } }]],
    ['bytes that are enough', [{ format: { type: 'jpeg', quality: 50, maxBytes: 20_000 } }]],
  ])('is kept if a search finds %s', async (_, ops) => {
    expect(await render(ops)).toEqual({ picture: '1000', map: '1000', size: '100x75' })
  })

  it('is dropped with a warning by another format, and the picture is rendered', async () => {
    expect(await render([{ format: 'webp' }])).toEqual({
      picture: '1000',
      warnings: ['The HDR gain map was left out, since only a JPEG has a place for it.'],
    })
  })

  it('is dropped with a warning if the recipe does not name metadata', async () => {
    const { info } = await make(await photo(), [{ thumbnail: 100 }])
    expect(info.warnings).toEqual(['The HDR gain map was left out, since only `metadata: gainmap` keeps it.'])
  })

  /** Returns the levels of the map in the middles of its quarters, row by row. */
  async function mapLevels(ops: readonly ImageOp[], gains?: string): Promise<number[]> {
    const white = await makeCorner(WIDTH / 4, HEIGHT / 4)
    const source =
      gains === undefined
        ? await photo()
        : appendGainMap(await makeCorner(WIDTH, HEIGHT), insertSegments(white, [makeGainXmp(gains)])).file
    const { data, info } = await make(source, [...ops, { metadata: 'keep' }])
    expect(info.warnings).toBeUndefined()
    const { gainMap } = await sharp(data).metadata()
    const raw = await sharp(gainMap!.image)
      .resize(40, 40, { fit: 'fill' })
      .toColourspace('b-w')
      .raw()
      .toBuffer()
    return [10, 30].flatMap((y) => [10, 30].map((x) => raw[y * 40 + x] ?? 0))
  }

  // An overlay of half the width covers the left half.
  const overlay = { image: 'half.png', position: 'west' } as const

  it.each<[string, ImageOp[]]>([
    ['an image', [{ watermark: overlay }]],
    [
      'an image between passes',
      [{ crop: '400x300' }, { watermark: overlay }, { rotate: 180 }, { rotate: 180 }, { resize: 200 }],
    ],
  ])('becomes neutral under %s, and stays as it is elsewhere', async (_, ops) => {
    const half = await sharp({ create: { width: 200, height: 300, channels: 3, background: 'blue' } })
      .png()
      .toBuffer()
    const path = join(folder, 'half.png')
    await writeFile(path, half)
    const placed = ops.map((op) =>
      op.watermark === undefined ? op : { watermark: { ...overlay, image: path } },
    )
    expect(await mapLevels(ops.filter((op) => op.watermark === undefined))).toEqual(near([255, 0, 0, 0]))
    expect(await mapLevels(placed)).toEqual(near([0, 0, 0, 0]))
    // Exponents of -1 to 3: a quarter of the way is neutral.
    const gains = `hdrgm:GainMapMin="-1" hdrgm:GainMapMax="3" ${CAPACITY}`
    expect(await mapLevels(placed, gains)).toEqual(near([64, 0, 64, 0]))
    expect(await mapLevels(placed, `${gains} hdrgm:Gamma="0.5"`)).toEqual(near([128, 0, 128, 0]))
    const faint = ops.map((op) =>
      op.watermark === undefined ? op : { watermark: { ...overlay, image: path, opacity: 0.5 } },
    )
    expect(await mapLevels(faint, gains)).toEqual(near([160, 0, 32, 0]))
  })

  it('is left out if it has no neutral value, and a watermark would change', async () => {
    const gains = insertSegments(await makeCorner(100, 75), [
      makeGainXmp(`hdrgm:GainMapMin="1" hdrgm:GainMapMax="3" ${CAPACITY}`),
    ])
    const source = appendGainMap(await makeCorner(WIDTH, HEIGHT), gains).file
    const { info } = await make(source, [{ watermark: { text: 'Mark' } }, { metadata: 'keep' }])
    expect(info.warnings).toEqual([
      'The HDR gain map was left out, since it brightens or darkens every place, and would change the watermark.',
    ])
  })

  it('stays under a text, as grey or coloured as it was', async () => {
    const { data, info } = await make(await photo(), [
      { watermark: { text: 'Mark', colour: 'red' } },
      { metadata: 'keep' },
    ])
    expect(info.warnings).toBeUndefined()
    expect((await sharp(data).metadata()).gainMap).toBeDefined()
  })

  it.each<[string, ImageOp[], string]>([
    [
      'a blended overlay',
      [{ watermark: { text: 'Mark', blend: 'multiply' } }],
      'watermark does more than move pixels',
    ],
    ['other colours', [{ grayscale: true }], 'grayscale does more than move pixels'],
    ['a filter', [{ resize: 100 }, { blur: 2 }], 'blur does more than move pixels'],
    ['a border', [{ pad: 10 }], 'pad does more than move pixels'],
    ['a fit with a border', [{ resize: '90x90:fit=contain' }], 'resize does more than move pixels'],
    ['10 degrees', [{ rotate: 10 }, { format: 'jpeg' }], 'rotate does more than move pixels'],
    ['a search', [{ crop: '90x90:position=attention' }], 'crop searches the pixels'],
    ['trim', [{ trim: true }], 'trim searches the pixels'],
    ['maxBytes', [{ format: { type: 'jpeg', maxBytes: 3000 } }], 'the file would exceed maxBytes'],
  ])('is dropped with a warning by %s, and the picture is rendered', async (_, ops, reason) => {
    const { picture, ...rest } = await render(ops)
    expect(picture).toHaveLength(4)
    expect(rest).toEqual({ warnings: [`The HDR gain map was left out, since ${reason}.`] })
  })

  it('is kept by operations that change nothing', async () => {
    expect(await render([{ flatten: 'white' }, { resize: 400 }])).toMatchObject({
      map: '1000',
    })
  })

  it('is dropped with a warning if it is damaged', async () => {
    const damaged = Buffer.from(await photo())
    // Its scan names Huffman tables that it does not have.
    damaged[damaged.lastIndexOf('ffda', undefined, 'hex') + 6] = 0x33
    expect((await sharp(damaged).metadata()).gainMap).toBeDefined()
    expect(await render([{ thumbnail: 100 }], damaged)).toEqual({
      picture: '1000',
      warnings: ['The HDR gain map was left out, since it is damaged.'],
    })
  })

  it('survives a second run over the output', async () => {
    const first = await make(await photo(6), [{ thumbnail: 200 }, { metadata: 'keep' }])
    const second = await make(first.data, [{ rotate: 180 }, { metadata: 'keep' }])
    expect([await look(first.data), await look(second.data)]).toEqual([
      { picture: '0100', map: '0100', size: '38x51' },
      { picture: '0010', map: '0010', size: '38x51' },
    ])
  })

  it('does not bring in metadata that is not kept', async () => {
    const { exif = Buffer.alloc(0) } = await sharp(await fixture('photos/landscape.jpg')).metadata()
    const head = Buffer.from([0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 255])
    const source = insert(
      makeUltraHdr(await makeCorner(WIDTH, HEIGHT), await makeCorner(100, 75)),
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

  it('brings in nothing of its own metadata but the parameters', async () => {
    const place = '<rdf:Description xmlns:e="http://ns.adobe.com/exif/1.0/" e:GPSLatitude="51,30N"/>'
    const gains = insert(await makeCorner(100, 75), makeGainXmp('hdrgm:GainMapMax="2"', place))
    const source = makeUltraHdr(await makeCorner(WIDTH, HEIGHT), gains)
    const { data } = await make(source, [{ thumbnail: 200 }, { metadata: 'gainmap' }])
    expect([source.includes('51,30N'), data.includes('51,30N')]).toEqual([true, false])
    expect((await sharp(data).metadata()).gainMap).toBeDefined()
  })

  it('is not passed on by neverGrow unless it is kept', async () => {
    const source = await photo()
    const ops: ImageOp[] = [{ format: { type: 'jpeg', quality: 100, neverGrow: true } }]
    expect((await make(source, ops)).data.equals(source)).toBe(false)
    expect((await make(source, [...ops, { metadata: 'keep' }])).data.equals(source)).toBe(true)
  })
})
