import type { Metadata } from 'sharp'
import { readGifXmp } from '../metadata/containers/gif.js'
import { readJpegResources } from '../metadata/containers/jpeg.js'
import { readTiffIptc } from '../metadata/containers/tiff.js'
import { readTiffExif } from '../metadata/exif/tiff-exif.js'
import { readApng } from '../metadata/png/apng-frames.js'
import { readPngExif } from '../metadata/png/chunks.js'
import { readMainXmp, readWholeXmp } from '../metadata/xmp/jpeg-xmp.js'

/**
 * Adds metadata that sharp does not read: EXIF and IPTC of a TIFF, EXIF of a PNG behind its pixels, and the timeline of an
 * animated one; XMP of a GIF; of a JPEG the extended XMP, IPTC in several segments, and all XMP if it has a gain map. The orientation of such a PNG does not count, as in
 * browsers.
 */
export function completeMetadata(bytes: Uint8Array, metadata: Metadata): Metadata {
  return { ...metadata, ...readMore(bytes, metadata) }
}

function readMore(
  bytes: Uint8Array,
  { format, orientation, exif, gainMap }: Metadata,
): Partial<Pick<Metadata, 'exif' | 'xmp' | 'iptc' | 'pages' | 'delay' | 'loop'>> {
  switch (format) {
    case 'tiff':
      return defined({ exif: readTiffExif(bytes, orientation), iptc: readTiffIptc(bytes) })
    case 'png':
      return { ...defined({ exif: exif ?? readPngExif(bytes) }), ...readTimeline(bytes) }
    case 'gif':
      return defined({ xmp: readGifXmp(bytes) })
    case 'jpeg':
      return defined({
        xmp: readWholeXmp(bytes) ?? (gainMap && readMainXmp(bytes)),
        iptc: readJpegResources(bytes),
      })
    default:
      return {}
  }
}

function defined<T extends object>(parts: T): Partial<T> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Partial<T> // a part of it
}

/** Returns the frames and times of an animated PNG. */
function readTimeline(png: Uint8Array): Partial<Pick<Metadata, 'pages' | 'delay' | 'loop'>> {
  const { frames = [], plays = 0 } = readApng(png) ?? {}
  return frames.length > 1
    ? { pages: frames.length, delay: frames.map(({ delay }) => delay), loop: plays }
    : {}
}
