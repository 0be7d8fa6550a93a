import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { insertSegments } from '../../src/metadata/containers/jpeg.js'
import { inspect, type InspectOptions } from '../../src/inspect/inspect.js'
import type { LossKind } from '../../src/inspect/types.js'
import { listPresets } from '../../src/config/presets.js'
import { makeIptcSegment } from '../support/iptc.js'
import { makePhoto, withPreview } from '../support/previews.js'
import { makeCorner, makeUltraHdr } from '../support/ultra-hdr.js'

const photo = (name: string) => fileURLToPath(new URL(`../../fixtures/photos/${name}`, import.meta.url))

describe('inspect', () => {
  it.each([
    [
      'landscape.jpg',
      { format: 'jpeg', width: 800, height: 600, color: { space: 'srgb', bits: 8, alpha: false } },
    ],
    ['alpha.png', { format: 'png', color: { alpha: true, channels: 4 } }],
    ['deep.png', { format: 'png', color: { bits: 16 } }],
    ['grey.jpg', { color: { space: 'b-w', channels: 1 } }],
    ['cmyk.jpg', { color: { space: 'cmyk', channels: 4 } }],
    ['display-p3.jpg', { color: { profile: expect.stringContaining('P3') } }],
    ['progressive.jpg', { encoding: { progressive: true } }],
    ['drawing.svg', { format: 'svg' }],
    ['phone.heic', { format: 'heic' }],
    ['photo.avif', { format: 'avif' }],
    [
      '../jxl/photo.jxl',
      { format: 'jxl', width: 800, encoding: { compression: 'jpeg, which it can give back' } },
    ],
    [
      '../jxl/animated.jxl',
      { format: 'jxl', color: { alpha: true, bits: 8 }, animation: { frames: 6, loop: 0 } },
    ],
    ['orientation/Landscape_6.jpg', { orientation: 6, width: 240, height: 160 }],
  ])('tells format, size and colours of %s', async (name, facts) => {
    expect(await inspect(photo(name))).toMatchObject(facts)
  })

  it.each(['animated.gif', 'animated.webp'])('tells frames, delays and repetitions of %s', async (name) => {
    const { pages, delay, loop } = await sharp(photo(name), { animated: true }).metadata()
    expect((await inspect(photo(name))).animation).toEqual({ frames: pages, delays: delay, loop })
  })

  it('reads EXIF, XMP and IPTC in words, and a position only if asked for', async () => {
    const file = await withMetadata()
    const { metadata } = await inspect(file)
    expect(metadata).toEqual({
      exif: expect.objectContaining({ make: 'Acme', model: 'One', artist: 'Ada', software: 'Firmware 2' }),
      xmp: { title: ['A <house>'], creator: ['Ada', 'Bob'], rating: ['4'] },
      iptc: { caption: ['Ein Häuschen'], keywords: ['house', 'hill'] },
      hasPosition: true,
    })
    const { position } = (await inspect(file, { gps: true })).metadata
    expect(position).toEqual({ latitude: 48.5, longitude: -11.25 })
  })

  it('finds the gain map of an HDR photo, which only a JPEG that keeps it has', async () => {
    const made = makeUltraHdr(await makeCorner(64, 48), await makeCorner(16, 12))
    const presets = {
      kept: { ops: [{ resize: 32 }, { metadata: 'gainmap' }] },
      blurred: { ops: [{ blur: 2 }, { metadata: 'gainmap' }] },
      webp: { ops: [{ metadata: 'gainmap' }, { format: 'webp' }] },
    } satisfies InspectOptions['presets']
    const { color, losses } = await inspect(made, { presets, preset: Object.keys(presets) })
    expect(color.hdr).toBe('gain map')
    const losing = losses?.filter((one) => one.losses.some(({ kind }) => kind === 'hdr'))
    expect(losing?.map(({ preset }) => preset)).toEqual(['blurred', 'webp'])
  })

  it('finds the preview of a camera, by its header', async () => {
    const preview = await makePhoto(160, 120)
    const file = withPreview(await makePhoto(640, 480), preview)
    expect((await inspect(file)).preview).toEqual({ width: 160, height: 120, bytes: preview.length })
  })

  it('runs analyzers that are named, and no others', async () => {
    expect((await inspect(photo('landscape.jpg'))).analysis).toBeUndefined()
    const { analysis } = await inspect(photo('landscape.jpg'), { analyze: ['palette', 'entropy'] })
    expect(Object.keys(analysis ?? {}).toSorted()).toEqual(['entropy', 'palette'])
  })

  it.each([
    ['a missing file', 'nowhere.jpg', {}, 'INPUT_NOT_FOUND'],
    ['no picture', Buffer.from('text'), {}, 'UNSUPPORTED_FORMAT'],
    ['an unknown preset', photo('landscape.jpg'), { preset: 'thmub' }, 'UNKNOWN_PRESET'],
    ['a wrong preset', photo('landscape.jpg'), { presets: { 'a b': {} } }, 'INVALID_CONFIG'],
    ['an unknown analyzer', photo('landscape.jpg'), { analyze: ['smiles'] }, 'INVALID_CONFIG'],
    ['an input that is not allowed', photo('landscape.jpg'), { allow: ['buffer'] }, 'ACCESS_DENIED'],
    ['a limit', photo('landscape.jpg'), { limits: { pixels: 100 } }, 'TOO_MANY_PIXELS'],
  ] as const)('rejects %s', async (_, input, options, code) => {
    await expect(inspect(input, options)).rejects.toMatchObject({ code })
  })
})

describe('losses', () => {
  const own = {
    still: { formats: ['avif', 'webp'] },
    jpeg: { ops: [{ format: 'jpeg' }] },
    kept: { ops: [{ metadata: 'keep' }, { format: 'jpeg' }] },
    keptGif: { ops: [{ metadata: 'keep' }, { format: 'gif' }] },
    same: {},
    credit: { ops: [{ metadata: 'copyright' }, { format: 'webp' }] },
  } satisfies InspectOptions['presets']
  const lossesOf = async (input: string | Buffer, preset: keyof typeof own) => {
    const { losses } = await inspect(input, { presets: own, preset })
    return losses?.[0]?.losses ?? []
  }
  const kindsOf = async (input: string | Buffer, preset: keyof typeof own): Promise<LossKind[]> =>
    (await lossesOf(input, preset)).map(({ kind }) => kind)

  it('are those of the format', async () => {
    expect(await kindsOf(photo('animated.gif'), 'same')).toEqual([])
    expect(await kindsOf(photo('animated.gif'), 'jpeg')).toEqual(expect.arrayContaining(['animation']))
    expect(await kindsOf(photo('alpha.png'), 'jpeg')).toEqual(['transparency'])
    expect(await kindsOf(photo('deep.png'), 'jpeg')).toContain('depth')
    expect(await kindsOf(photo('drawing.svg'), 'same')).toContain('vectors')
    expect(await kindsOf(photo('display-p3.jpg'), 'same')).toContain('gamut')
    expect(await kindsOf(photo('display-p3.jpg'), 'kept')).not.toContain('gamut')
  })

  it('name the formats that lose it, if others keep it', async () => {
    expect(await lossesOf(photo('animated.webp'), 'still')).toContainEqual({
      kind: 'animation',
      text: expect.stringMatching(/^\d+ of \d+ frames$/),
      formats: ['avif'],
    })
  })

  it('are those of the metadata setting and the format', async () => {
    const file = await withMetadata()
    expect(await kindsOf(file, 'jpeg')).toEqual(['exif', 'position', 'xmp', 'iptc'])
    expect(await kindsOf(file, 'kept')).toEqual([])
    expect(await kindsOf(file, 'keptGif')).toEqual(['exif', 'position', 'iptc'])
    const losses = await lossesOf(file, 'credit')
    expect(losses.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'exif: EXIF, but for author and copyright',
      'position: the position',
      'xmp: XMP, but for author and copyright',
      'iptc: IPTC',
    ])
  })

  it('are told of every shipped preset', async () => {
    const names = listPresets({}).map(({ preset }) => preset.name)
    const { losses } = await inspect(photo('alpha.png'), { preset: names })
    expect(losses?.map(({ preset }) => preset)).toEqual(names)
    const thumb = losses?.find(({ preset }) => preset === 'thumb')
    expect(thumb?.losses).toEqual([])
  })
})

describe('the estimated quality of a JPEG', () => {
  it.each([1, 10, 50, 75, 80, 92, 100])('is exactly %i for a file of libjpeg', async (quality) => {
    const file = await sharp(await readFile(photo('landscape.jpg')))
      .jpeg({ quality })
      .toBuffer()
    expect((await inspect(file)).encoding.jpegQuality).toEqual({ value: quality, isExact: true })
  })

  it('is that of the nearest table for others', async () => {
    const file = await sharp(photo('landscape.jpg')).jpeg({ quality: 80, mozjpeg: true }).toBuffer()
    const { value, isExact } = (await inspect(file)).encoding.jpegQuality!
    expect(isExact).toBe(false)
    expect(Math.abs(value - 80)).toBeLessThan(12)
  })
})

/** Returns a JPEG with EXIF, a position, XMP and IPTC. */
async function withMetadata(): Promise<Buffer> {
  const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
  const dc = 'http://purl.org/dc/elements/1.1/'
  const list = (texts: readonly string[]) => texts.map((text) => `<rdf:li>${text}</rdf:li>`).join('')
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${rdf}"><rdf:Description xmlns:q="${dc}" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"><q:title><rdf:Alt>${list(['A &lt;house&gt;'])}</rdf:Alt></q:title><q:creator><rdf:Seq>${list(['Ada', 'Bob'])}</rdf:Seq></q:creator></rdf:Description></rdf:RDF></x:xmpmeta>`
  const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
    .withExif({
      IFD0: { Make: 'Acme', Model: 'One', Artist: 'Ada', Software: 'Firmware 2' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '48/1 30/1 0/1',
        GPSLongitudeRef: 'W',
        GPSLongitude: '11/1 15/1 0/1',
      },
    })
    .withXmp(xmp)
    .jpeg()
    .toBuffer()
  return insertSegments(jpeg, [makeIptcSegment([120, 'Ein Häuschen'], [25, 'house'], [25, 'hill'])])
}
