import { NAMESPACE } from './namespaces.js'
import type { XmlName } from './scan-xml.js'

/** Choices about XMP that is kept. */
export interface XmpSelection {
  /** Keeps coordinates. */
  readonly gps: boolean
  /** Keeps properties about the colours of the source. @default false */
  readonly icc?: boolean | undefined
  /** Keeps the orientation, since the pixels are not turned by it. @default false */
  readonly orientation?: boolean | undefined
  /** Keeps regions, such as those of faces, since the picture shows the same as its source. @default false */
  readonly regions?: boolean | undefined
  /** Tells which properties to keep, of those directly below a description. @default all */
  readonly only?: ((name: XmlName) => boolean) | undefined
}

/**
 * Coordinates: exif:GPSLatitude and its like, those of drones (drone-dji:GpsLatitude, :Longtitude), geo:lat, under any
 * prefix and namespace. Text by a person, such as a city or a caption, is kept.
 */
const POSITION = /gps|latitude|long(?:i|ti)tude|altitude|^(?:lat|lon|long|lat_long)$/i

/** Names under which programs write stale properties without declaring their prefix rightly. */
const STALE_NAMES = /^(?:xmp:Thumbnails|hdrgm:.*|Container:Directory|G?Camera:(?:MotionPhoto|MicroVideo).*)$/

type Rule = readonly [namespace: string, names?: RegExp]

/** Other pictures or sounds, what was cropped away, and what was undone: properties that hold or describe the whole source. */
const REVEALING: readonly Rule[] = [
  [NAMESPACE.xmp, /^(?:Thumbnails|PageInfo)$/],
  ['http://ns.adobe.com/xap/1.0/g/img/'],
  ['http://ns.adobe.com/xap/1.0/mm/', /^(?:Ingredients|Pantry)$/],
  ['http://ns.adobe.com/xap/1.0/t/pg/', /^Thumbnails$/],
  [NAMESPACE.photoshop, /^(?:History|TextLayers|DocumentAncestors)$/],
  ['http://ns.adobe.com/camera-raw-settings/1.0/', /^(?:HasCrop|Crop.*)$/],
  ['http://ns.google.com/photos/1.0/image/'],
  ['http://ns.google.com/photos/1.0/depthmap/'],
  ['http://ns.google.com/photos/1.0/audio/'],
  ['http://ns.google.com/photos/1.0/focus/'],
]

/** Descriptions of bytes that the output does not have: gain maps, motion photos, depth, samples of the source. */
const STALE: readonly Rule[] = [
  ['http://ns.adobe.com/hdr-gain-map/1.0/'],
  ['http://ns.google.com/photos/1.0/container/'],
  ['http://ns.google.com/photos/1.0/container/item/'],
  ['http://ns.google.com/photos/1.0/camera/', /^(?:MotionPhoto|MicroVideo)/],
  [NAMESPACE.note],
  [NAMESPACE.dc, /^format$/],
  // Content Credentials (C2PA) that are stored elsewhere, about the picture as it was.
  ['http://purl.org/dc/terms/', /^provenance$/],
  [
    NAMESPACE.tiff,
    /^(?:Image(?:Width|Length)|BitsPerSample|SamplesPerPixel|Compression|PhotometricInterpretation|PlanarConfiguration|YCbCr.*)$/,
  ],
  [NAMESPACE.exif, /^(?:Pixel[XY]Dimension|CompressedBitsPerPixel|Subject(?:Area|Location))$/],
]

/** All namespaces of Google's Dynamic Depth. */
const DYNAMIC_DEPTH = /^http:\/\/ns\.google\.com\/photos\/dd\//

const ORIENTATION: readonly Rule[] = [[NAMESPACE.tiff, /^Orientation$/]]
const COLOURS: readonly Rule[] = [
  [NAMESPACE.exif, /^ColorSpace$/],
  [NAMESPACE.photoshop, /^(?:ICCProfile|ColorMode)$/],
]
const REGIONS: readonly Rule[] = [
  ['http://www.metadataworkinggroup.com/schemas/regions/', /^Regions$/],
  ['http://ns.microsoft.com/photo/1.2/', /^RegionInfo$/],
  ['http://iptc.org/std/Iptc4xmpExt/2008-02-29/', /^ImageRegion$/],
]

/** Returns a function that tells which properties to remove. */
export function createXmpFilter({
  gps,
  icc,
  orientation,
  regions,
}: XmpSelection): (name: XmlName) => boolean {
  const rules = new Map<string, (RegExp | undefined)[]>()
  for (const [namespace, names] of [
    ...REVEALING,
    ...STALE,
    ...(orientation === true ? [] : ORIENTATION),
    ...(icc === true ? [] : COLOURS),
    ...(regions === true ? [] : REGIONS),
  ]) {
    rules.set(namespace, [...(rules.get(namespace) ?? []), names])
  }
  return ({ name, local, namespace }) =>
    (!gps && POSITION.test(local)) ||
    STALE_NAMES.test(name) ||
    DYNAMIC_DEPTH.test(namespace) ||
    (rules.get(namespace)?.some((names) => names?.test(local) ?? true) ?? false)
}
