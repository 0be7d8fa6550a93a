import sharp, { type AvifOptions } from 'sharp'
import { replaceBytesInBits } from './replace-bytes.js'
import type { GeneratedPicture, RGBA } from './types.js'

/** A coded picture of a HEIF file. */
interface Item {
  /** Types of its properties, without those about colours. */
  readonly properties: readonly Buffer[]
  readonly data: Buffer
}

/** Parts of a file to vary. */
interface Layout {
  readonly brands?: readonly string[]
  readonly colours?: readonly Buffer[]
  readonly alpha?: Item
  readonly isPremultiplied?: boolean
  /** Properties such as irot. */
  readonly turns?: readonly Buffer[]
  /** Announces this size instead of the real one. */
  readonly size?: number
  /** 1 writes indices of properties with 16 bits. */
  readonly flags?: 0 | 1
}

const SIZE = 64
const AVIF = ['avif', 'mif1', 'avif', 'miaf'] as const

/** As Chromium 156 shows 200,110,90 on a screen of sRGB. */
const CODED: readonly (readonly [primaries: number, transfer: number, expected: readonly number[]])[] = [
  [1, 13, [200, 110, 90]],
  [2, 2, [200, 110, 90]],
  [1, 1, [200, 110, 90]],
  [1, 6, [200, 110, 90]],
  [12, 13, [214, 104, 84]],
  [12, 2, [214, 104, 84]],
  [9, 13, [239, 91, 84]],
  [9, 1, [239, 91, 84]],
  [1, 8, [229, 176, 160]],
  [2, 8, [229, 176, 160]],
  [1, 4, [201, 110, 90]],
  [1, 5, [189, 87, 66]],
  [1, 7, [206, 125, 106]],
  [1, 17, [200, 98, 76]],
  [4, 13, [229, 105, 83]],
  [5, 13, [203, 110, 90]],
  [6, 13, [196, 112, 90]],
  [8, 13, [221, 103, 84]],
  [10, 13, [255, 0, 98]],
  [11, 13, [210, 104, 84]],
  [22, 13, [202, 112, 90]],
  [1, 16, [255, 64, 40]],
  [9, 16, [255, 0, 0]],
  [1, 18, [188, 89, 73]],
  [9, 18, [230, 63, 67]],
]

/** Generates AVIF files of colours by codes and by profile, brands, alpha, and turns. */
export async function* avifs(): AsyncGenerator<GeneratedPicture & { readonly extension: 'avif' }> {
  const opaque = await encode(200, 110, 90)
  const lossy = await encode(200, 110, 90, { quality: 100 })
  const plain: RGBA = [200, 110, 90, 255]
  const make = (name: string, layout: Layout, expected = plain, item = opaque) => ({
    name,
    bytes: writeAvif(item, layout),
    extension: 'avif' as const,
    expected,
  })
  for (const [primaries, transfer, [red = 0, green = 0, blue = 0]] of CODED) {
    const colours = [nclx(primaries, transfer)]
    yield make(`nclx ${primaries}/${transfer}`, { colours }, [red, green, blue, 255])
    yield make(`nclx ${primaries}/${transfer}, wide indices`, { colours, flags: 1 }, [red, green, blue, 255])
    const coded = { ...lossy, data: withCodes(lossy.data, primaries, transfer) }
    yield make(`AV1 data ${primaries}/${transfer}`, { colours: [] }, [red, green, blue, 255], coded)
  }
  yield make('no colours', { colours: [] })
  // 200,110,90 read as limited range: less 16, times 255 / 219.
  const limited: RGBA = [214, 109, 86, 255]
  yield make('RGB in limited range', { colours: [nclx(1, 13, 0, false)] }, limited)
  for (const brand of ['mif1', 'msf1', 'miaf', 'MA1A', 'MA1B', 'avis', 'heic']) {
    yield make(`brand ${brand}`, { brands: [brand, 'mif1', 'avif', 'miaf'] })
  }
  for (const name of ['irot', 'imir']) {
    const turns = [box(name, Buffer.from([1]))]
    yield make(`${name} and P3`, { turns, colours: [nclx(12, 13)] }, [214, 104, 84, 255])
  }
  const alpha = await encode(128, 128, 128)
  yield make('alpha', { alpha }, [200, 110, 90, 128])
  const halved = await encode(100, 55, 45)
  yield make('premultiplied', { alpha, isPremultiplied: true }, [200, 110, 90, 128], halved)
  const colours = [nclx(12, 13)]
  yield make('premultiplied P3', { alpha, isPremultiplied: true, colours }, [214, 104, 84, 128], halved)
}

/** Returns an AVIF that announces a matrix of ITU-T H.273. */
export async function announceMatrix(matrix: number, isFullRange: boolean): Promise<Buffer> {
  return writeAvif(await encode(1, 2, 3), { colours: [nclx(1, 13, matrix, isFullRange)] })
}

/** Returns an AVIF that announces a square of this side. */
export async function announceSize(side: number): Promise<Buffer> {
  return writeAvif(await encode(1, 2, 3), { size: side })
}

/** Encodes one colour, and takes the coded picture and its av1C out of the file. */
async function encode(
  r: number,
  g: number,
  b: number,
  options: AvifOptions = { lossless: true },
): Promise<Item> {
  const file = await sharp({ create: { width: SIZE, height: SIZE, channels: 3, background: { r, g, b } } })
    .avif({ ...options, chromaSubsampling: '4:4:4' })
    .toBuffer()
  const at = file.indexOf('av1C') - 4
  const mdat = file.indexOf('mdat')
  return {
    properties: [file.subarray(at, at + file.readUInt32BE(at))],
    data: file.subarray(mdat + 4, mdat - 4 + file.readUInt32BE(mdat - 4)),
  }
}

/** Replaces the codes of sRGB in a sequence header with the matrix of BT.601. The identity matrix changes its syntax. */
function withCodes(data: Buffer, primaries: number, transfer: number): Buffer {
  return replaceBytesInBits(data, [1, 13, 6], [primaries, transfer, 6])
}

/** Writes a file. (ISO 23008-12 and AV1 Image File Format 1.1) */
function writeAvif(item: Item, layout: Layout): Buffer {
  const { brands = AVIF, colours = [nclx(1, 13)], alpha, isPremultiplied, turns = [] } = layout
  const { size = SIZE, flags = 0 } = layout
  const items = alpha === undefined ? [item] : [item, alpha]
  const ispe = fullBox('ispe', 0, 0, u32(size), u32(size))
  const auxC = fullBox('auxC', 0, 0, Buffer.from('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0'))
  const properties = [
    [ispe, ...item.properties, ...colours, ...turns],
    [ispe, ...(alpha?.properties ?? []), auxC],
  ].slice(0, items.length)
  const [major = '', ...compatible] = brands
  const ftyp = box('ftyp', Buffer.from(`${major}\0\0\0\0${compatible.join('')}`, 'latin1'))
  const meta = (places: readonly number[]) =>
    fullBox(
      'meta',
      0,
      0,
      fullBox('hdlr', 0, 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, 0, u16(1)),
      itemLocations(items, places),
      fullBox('iinf', 0, 0, u16(items.length), ...items.map((_, at) => itemInfo(at + 1))),
      ...(alpha === undefined ? [] : [references(isPremultiplied === true)]),
      box('iprp', box('ipco', ...properties.flat()), associations(properties, flags)),
    )
  let place = ftyp.length + meta(items.map(() => 0)).length + 8
  const places = items.map(({ data }) => (place += data.length) - data.length)
  return Buffer.concat([ftyp, meta(places), box('mdat', ...items.map(({ data }) => data))])
}

function itemLocations(items: readonly Item[], places: readonly number[]): Buffer {
  const entries = items.map(({ data }, at) =>
    Buffer.concat([u16(at + 1), u16(0), u16(1), u32(places[at]!), u32(data.length)]),
  )
  // Offsets and lengths take 4 bytes.
  return fullBox('iloc', 0, 0, Buffer.from([0x44, 0]), u16(items.length), ...entries)
}

function itemInfo(id: number): Buffer {
  return fullBox('infe', 2, 0, u16(id), u16(0), Buffer.from('av01\0'))
}

/** Item 2 is the alpha of item 1. */
function references(isPremultiplied: boolean): Buffer {
  const auxl = box('auxl', u16(2), u16(1), u16(1))
  const prem = box('prem', u16(1), u16(1), u16(2))
  return fullBox('iref', 0, 0, auxl, ...(isPremultiplied ? [prem] : []))
}

function associations(properties: readonly (readonly Buffer[])[], flags: 0 | 1): Buffer {
  let index = 0
  const entries = properties.map((own, at) => {
    const indices = own.map((property) => {
      const isEssential = /^(?:av1C|irot|imir)$/.test(property.toString('latin1', 4, 8))
      index++
      return flags === 1
        ? u16(index + (isEssential ? 0x8000 : 0))
        : Buffer.from([index + (isEssential ? 0x80 : 0)])
    })
    return Buffer.concat([u16(at + 1), Buffer.from([own.length]), ...indices])
  })
  return fullBox('ipma', 0, flags, u32(properties.length), ...entries)
}

/** Codes of ITU-T H.273, by default with the identity matrix and full range, as lossless AVIF has them. */
function nclx(primaries: number, transfer: number, matrix = 0, isFullRange = true): Buffer {
  const codes = [primaries, transfer, matrix].map(u16)
  return box('colr', Buffer.from('nclx'), ...codes, Buffer.from([isFullRange ? 0x80 : 0]))
}

function fullBox(type: string, version: number, flags: number, ...bodies: readonly Buffer[]): Buffer {
  return box(type, Buffer.from([version, 0, 0, flags]), ...bodies)
}

function box(type: string, ...bodies: readonly Buffer[]): Buffer {
  const body = Buffer.concat(bodies)
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}

function u32(value: number): Buffer {
  const data = Buffer.alloc(4)
  data.writeUInt32BE(value)
  return data
}
