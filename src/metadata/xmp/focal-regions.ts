import type { Size } from '../../picture.js'
import { readRawRegions, type RawRegion } from './image-regions.js'

/** A part of a picture in fractions of its width and height. */
interface Region {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A picture as stored, and the EXIF orientation that a viewer applies. */
interface StoredPicture extends Size {
  readonly orientation: number
}

/**
 * Reads the regions of XMP that a crop should hold, the largest first: faces if any is marked, else all others. They are
 * fractions of the picture after its EXIF orientation is applied, and may reach beyond its borders.
 *
 * Both standards describe the stored pixels. Some programs describe the upright picture instead: `AppliedToDimensions` of
 * MWG shows that if only it is turned by 90 degrees.
 */
export function readFocalRegions(xmp: Uint8Array, stored: StoredPicture): readonly Region[] {
  const { regions, appliedTo } = readRawRegions(xmp)
  const all = regions.flatMap((region) => {
    const { width, height, orientation } = stored
    const swaps = orientation > 4
    const isUpright =
      region.kind === 'mwg' &&
      appliedTo !== undefined &&
      swaps &&
      width !== height &&
      width > height !== appliedTo.width > appliedTo.height
    const size = isUpright ? { width: height, height: width } : stored
    const pixels = region.kind === 'mwg' ? (appliedTo ?? size) : size
    const box = region.kind === 'mwg' ? readMwgArea(region, pixels) : readIptcBoundary(region, pixels)
    if (box === undefined) return []
    return [{ isFace: isFace(region), box: isUpright ? box : turnUpright(box, orientation) }]
  })
  const faces = all.filter((region) => region.isFace)
  return (faces.length > 0 ? faces : all)
    .map(({ box }) => box)
    .toSorted((a, b) => b.width * b.height - a.width * a.height)
}

function isFace({ kind, values }: RawRegion): boolean {
  if (kind === 'mwg') return values.get('Type')?.[0] === 'Face'
  // IPTC names types and roles by the words and identifiers of open vocabularies.
  const words = [...values].flatMap(([name, texts]) => (/^(?:Name|Identifier)$/i.test(name) ? texts : []))
  return words.some((word) => /\bface\b/i.test(word))
}

function numbers({ values }: RawRegion, name: string): readonly number[] {
  return (values.get(name) ?? []).map(Number).filter((value) => Number.isFinite(value))
}

/** Reads an area of MWG: x and y are its centre, d the diameter of a circle relative to the shorter side. */
function readMwgArea(region: RawRegion, pixels: Size): Region | undefined {
  const [x, y, w = 0, h = 0, d] = ['x', 'y', 'w', 'h', 'd'].map((name) => numbers(region, name)[0])
  if (x === undefined || y === undefined) return undefined
  const { width, height } = pixels
  const short = Math.min(width, height)
  const isNormalized = region.values.get('unit')?.[0] !== 'pixel'
  const [wide, high] =
    d === undefined ? [w, h] : isNormalized ? [(d * short) / width, (d * short) / height] : [d, d]
  const box = { left: x - wide / 2, top: y - high / 2, width: wide, height: high }
  return isNormalized ? box : scale(box, pixels)
}

/** Reads a boundary of IPTC: a rectangle from its top left corner, a circle around its centre, or a polygon. */
function readIptcBoundary(region: RawRegion, pixels: Size): Region | undefined {
  const [xs, ys] = [numbers(region, 'rbX'), numbers(region, 'rbY')]
  const [x, y] = [xs[0], ys[0]]
  if (x === undefined || y === undefined) return undefined
  const [w = 0] = numbers(region, 'rbW')
  const [h = 0] = numbers(region, 'rbH')
  const [rx] = numbers(region, 'rbRx')
  const isRelative = region.values.get('rbUnit')?.[0] !== 'pixel'
  if (rx !== undefined) {
    // The radius is relative to the width, and a circle is round in pixels.
    const ry = isRelative ? (rx * pixels.width) / pixels.height : rx
    const box = { left: x - rx, top: y - ry, width: 2 * rx, height: 2 * ry }
    return isRelative ? box : scale(box, pixels)
  }
  const box =
    xs.length > 1
      ? {
          left: Math.min(...xs),
          top: Math.min(...ys),
          width: Math.max(...xs) - Math.min(...xs),
          height: Math.max(...ys) - Math.min(...ys),
        }
      : { left: x, top: y, width: w, height: h }
  return isRelative ? box : scale(box, pixels)
}

function scale({ left, top, width, height }: Region, pixels: Size): Region {
  return {
    left: left / pixels.width,
    top: top / pixels.height,
    width: width / pixels.width,
    height: height / pixels.height,
  }
}

/** Returns a region of the stored picture in the upright one, by EXIF orientation (Exif 2.32, CIPA DC-008, 4.6.4). */
function turnUpright(region: Region, orientation: number): Region {
  const { left, top, width, height } = region
  const right = 1 - left - width
  const bottom = 1 - top - height
  const swapped = { width: height, height: width }
  switch (orientation) {
    case 2:
      return { ...region, left: right }
    case 3:
      return { ...region, left: right, top: bottom }
    case 4:
      return { ...region, top: bottom }
    case 5:
      return { left: top, top: left, ...swapped }
    case 6:
      return { left: bottom, top: left, ...swapped }
    case 7:
      return { left: bottom, top: right, ...swapped }
    case 8:
      return { left: top, top: right, ...swapped }
    default:
      return region
  }
}
