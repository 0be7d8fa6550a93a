import type { Metadata } from 'sharp'
import { isReportedDensity, readExifSummary, type ExifSummary } from '../metadata/exif-summary.js'

const SOI = 0xd8
const SOS = 0xda
const APP0 = 0xe0
const APP1 = 0xe1
/** Baseline and progressive frames, coded as Huffman did. */
const FRAMES: ReadonlySet<number | undefined> = new Set([0xc0, 0xc2])
const PROGRESSIVE = 0xc2
/** Huffman and quantisation tables, the restart interval. */
const TABLES: ReadonlySet<number | undefined> = new Set([0xc4, 0xdb, 0xdd])
const JFIF = 'JFIF\0'
const DOTS_PER_INCH = 1
type Density = Pick<Metadata, 'density' | 'resolutionUnit'>
/** What libvips says where a file doesn't. */
const USUAL: Density = { density: 72 }

/** How much finer the luma is than both chromas, across and down, and what libvips calls that, which knows but two. */
const SUBSAMPLINGS: Readonly<Record<string, string>> = { '1x1': '4:4:4', '2x1': '4:2:0', '2x2': '4:2:0' }

/**
 * What sharp would tell of a JPEG that holds a picture, plain EXIF perhaps, and nothing else: no profile, comment or
 * anything of its maker's. Undefined for all others. Most pictures of the web are like this, and a tenth of what it takes
 * to make a thumbnail of them is opening them for their header (ITU T.81, annex B; JFIF 1.02).
 */
export function readJpegMetadata(bytes: Uint8Array): Metadata | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file[0] !== 0xff || file[1] !== SOI) return undefined
  let density: Density | undefined
  let frame: Pick<Metadata, 'width' | 'height' | 'space' | 'channels' | 'chromaSubsampling'> | undefined
  let isProgressive = false
  let exif: (ExifSummary & { readonly exif: Buffer }) | undefined
  for (let at = 2; at + 4 <= file.length && file[at] === 0xff;) {
    const marker = file[at + 1]
    const end = at + 2 + file.readUInt16BE(at + 2)
    const body = file.subarray(at + 4, end)
    if (marker === SOS) {
      if (frame === undefined) return undefined
      const { width, height } = frame
      const isTurned = (exif?.orientation ?? 1) > 4
      const autoOrient = isTurned ? { width: height, height: width } : { width, height }
      const size = file.length
      return { ...CONSTANT, ...frame, ...(density ?? USUAL), ...exif, isProgressive, autoOrient, size }
    }
    if (marker === APP0 && density === undefined) {
      density = readDensity(body)
      if (density === undefined) return undefined
    } else if (marker === APP1 && exif === undefined) {
      const said = readExifSummary(body)
      if (said === undefined) return undefined
      exif = { ...said, exif: body }
    } else if (FRAMES.has(marker) && frame === undefined) {
      frame = readFrame(body)
      isProgressive = marker === PROGRESSIVE
    } else if (!TABLES.has(marker)) return undefined
    at = end
  }
  return undefined
}

const CONSTANT = {
  format: 'jpeg',
  mediaType: 'image/jpeg',
  depth: 'uchar',
  isPalette: false,
  hasProfile: false,
  hasAlpha: false,
} as const

function readDensity(body: Buffer): Density | undefined {
  if (body.length < 14 || body.toString('latin1', 0, JFIF.length) !== JFIF) return undefined
  const unit = body[7]
  if (unit === 0) return USUAL
  const density = body.readUInt16BE(8)
  return unit === DOTS_PER_INCH && isReportedDensity(density)
    ? { density, resolutionUnit: 'inch' }
    : undefined
}

function readFrame(body: Buffer) {
  const [depth, , , , , components] = body
  if (depth !== 8 || body.length !== 6 + 3 * (components ?? 0)) return undefined
  const size = { width: body.readUInt16BE(3), height: body.readUInt16BE(1) }
  if (size.width === 0 || size.height === 0) return undefined
  if (components === 1) return { ...size, space: 'b-w', channels: 1, chromaSubsampling: '4:4:4' } as const
  // Others may stand for red, green and blue.
  if ([6, 9, 12].some((at, index) => body[at] !== index + 1)) return undefined
  const [luma, ...chromas] = [7, 10, 13].map((at) => body[at] ?? 0)
  const chromaSubsampling = SUBSAMPLINGS[`${(luma ?? 0) >> 4}x${(luma ?? 0) & 15}`]
  if (components !== 3 || chromaSubsampling === undefined || chromas.some((chroma) => chroma !== 0x11))
    return undefined
  return { ...size, space: 'srgb', channels: 3, chromaSubsampling } as const
}
