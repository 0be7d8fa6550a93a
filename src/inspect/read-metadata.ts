import type { Metadata } from 'sharp'
import { readPosition } from '../analyzers/builtin/gps.js'
import { readCameraMetadata } from '../analyzers/builtin/metadata.js'
import { openExif } from '../metadata/exif-reader.js'
import { readIptcTexts } from '../metadata/iptc/read-iptc.js'
import { readXmpProperties, type PropertyName } from '../metadata/xmp/properties.js'
import { NAMESPACE } from '../metadata/xmp/namespaces.js'
import type { ExifFacts, MetadataFacts } from './types.js'

const IMAGE = { description: 0x010e, software: 0x0131 }
const PHOTO = { program: 0x8822, bias: 0x9204, metering: 0x9207, flash: 0x9209, whiteBalance: 0xa403 }

/** Names of Exif 3.0, section 4.6.7, by value. */
const PROGRAMS: readonly (string | undefined)[] = [
  undefined,
  'manual',
  'automatic',
  'aperture priority',
  'shutter priority',
  'creative',
  'action',
  'portrait',
  'landscape',
]
const METERING: readonly (string | undefined)[] = [
  undefined,
  'average',
  'centre-weighted',
  'spot',
  'multi-spot',
  'pattern',
  'partial',
]

const PROPERTIES = {
  title: [NAMESPACE.dc, 'title'],
  description: [NAMESPACE.dc, 'description'],
  creator: [NAMESPACE.dc, 'creator'],
  rights: [NAMESPACE.dc, 'rights'],
  subject: [NAMESPACE.dc, 'subject'],
  rating: [NAMESPACE.xmp, 'Rating'],
  label: [NAMESPACE.xmp, 'Label'],
  tool: [NAMESPACE.xmp, 'CreatorTool'],
  headline: [NAMESPACE.photoshop, 'Headline'],
  credit: [NAMESPACE.photoshop, 'Credit'],
  city: [NAMESPACE.photoshop, 'City'],
  country: [NAMESPACE.photoshop, 'Country'],
} satisfies Record<string, PropertyName>
const POSITION = { latitude: [NAMESPACE.exif, 'GPSLatitude'] } satisfies Record<string, PropertyName>

/** Names of data sets. (IPTC IIM 4.2, chapter 6) */
const DATASETS: ReadonlyMap<number, string> = new Map([
  [5, 'title'],
  [25, 'keywords'],
  [40, 'instructions'],
  [55, 'created'],
  [80, 'author'],
  [90, 'city'],
  [95, 'region'],
  [101, 'country'],
  [105, 'headline'],
  [110, 'credit'],
  [115, 'source'],
  [116, 'copyright'],
  [120, 'caption'],
])

/** Reads EXIF, XMP and IPTC in words. The position is read only if it is asked for. */
export function readMetadata(metadata: Metadata, withPosition: boolean): MetadataFacts {
  const { exif, xmp, iptc } = metadata
  const position = readPosition(exif)
  const hasXmpPosition = xmp !== undefined && readXmpProperties(xmp, POSITION).latitude.length > 0
  const words = exif === undefined ? undefined : readExifWords(metadata)
  const properties = xmp === undefined ? undefined : withTexts(readXmpProperties(xmp, PROPERTIES))
  const texts = iptc === undefined ? undefined : readIptcWords(iptc)
  return {
    ...(words !== undefined && { exif: words }),
    ...(properties !== undefined && { xmp: properties }),
    ...(texts !== undefined && { iptc: texts }),
    hasPosition: position !== null || hasXmpPosition,
    ...(withPosition && position !== null && { position }),
  }
}

function readExifWords(metadata: Metadata): ExifFacts {
  const exif = openExif(metadata.exif)
  if (exif === undefined) return readCameraMetadata(metadata)
  const { image, photo } = exif
  const description = image.text(IMAGE.description)
  const software = image.text(IMAGE.software)
  const [program = 0] = photo.numbers(PHOTO.program)
  const [bias = NaN] = photo.numbers(PHOTO.bias)
  const [meter = 0] = photo.numbers(PHOTO.metering)
  const [flash] = photo.numbers(PHOTO.flash)
  const [balance] = photo.numbers(PHOTO.whiteBalance)
  return {
    ...readCameraMetadata(metadata),
    ...(description !== undefined && { description }),
    ...(software !== undefined && { software }),
    ...(Number.isFinite(bias) && { exposureBias: Number(bias.toFixed(2)) + 0 }),
    ...withWord('exposureProgram', PROGRAMS[program]),
    ...withWord('metering', METERING[meter]),
    // The lowest bit tells whether it fired.
    ...(flash !== undefined && { flash: (flash & 1) === 1 }),
    ...(balance === undefined ? {} : { whiteBalance: balance === 0 ? 'auto' : 'manual' }),
  }
}

function withWord<Key extends string>(key: Key, word: string | undefined): Partial<Record<Key, string>> {
  return word === undefined ? {} : ({ [key]: word } as Record<Key, string>) // the only key
}

function readIptcWords(iptc: Uint8Array): Readonly<Record<string, readonly string[]>> {
  const words: Record<string, string[]> = {}
  for (const { dataset, text } of readIptcTexts(iptc)) {
    const name = DATASETS.get(dataset)
    if (name !== undefined) (words[name] ??= []).push(text)
  }
  return words
}

function withTexts(
  properties: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(properties).filter(([, texts]) => texts.length > 0))
}
