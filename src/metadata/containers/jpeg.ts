import { makeIptcResources, PHOTOSHOP } from '../iptc/image-resources.js'

/** Name of an APP1 segment that holds EXIF. */
const EXIF = Buffer.from('Exif\0\0')
/** A segment stores its length in two bytes, which count themselves. */
const MAX_BYTES = 0xffff - 2

const APP0 = 0xe0
const APP1 = 0xe1
const APP2 = 0xe2
const APP13 = 0xed
const SOS = 0xda

/** A segment of a JPEG. */
export interface JpegSegment {
  readonly marker: number
  /** Position of the marker. */
  readonly start: number
  /** The contents without marker and length; a view into the file. */
  readonly body: Buffer
  /** Position behind the segment. */
  readonly end: number
}

/** Returns the segments before the first scan (ITU T.81, section B.1). Ends at the first that is cut off. */
export function* jpegSegments(jpeg: Uint8Array): Generator<JpegSegment> {
  const file = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  if (file.length < 2 || file.readUInt16BE(0) !== 0xffd8) return
  for (let start = 2; start + 4 <= file.length && file[start] === 0xff;) {
    const marker = file[start + 1]!
    // Any number of fill bytes may precede a marker.
    if (marker === 0xff) {
      start++
      continue
    }
    if (marker === SOS) return
    const end = start + 2 + file.readUInt16BE(start + 2)
    if (end < start + 4 || end > file.length) return
    yield { marker, start, body: file.subarray(start + 4, end), end }
    start = end
  }
}

/** Bytes of EXIF that fit into a JPEG: it has to be in one segment. */
export const MAX_JPEG_EXIF_BYTES = MAX_BYTES - EXIF.length

/** Returns an APP1 segment. */
export function makeApp1(name: Uint8Array, ...parts: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  return makeSegment(APP1, name, ...parts)
}

/** Returns a segment. */
export function makeSegment(marker: number, ...parts: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const body = Buffer.concat(parts)
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(2 + body.length, 2)
  return Buffer.concat([head, body])
}

/** Returns the TIFF structure of an EXIF block: JPEG puts a name in front of it, most other containers do not. */
export function withoutExifName(block: Uint8Array): Uint8Array {
  return EXIF.equals(block.subarray(0, EXIF.length)) ? block.subarray(EXIF.length) : block
}

/** Returns a JPEG with EXIF, without its name, which fits into it. */
export function addExifToJpeg(jpeg: Buffer, exif: Uint8Array): Buffer<ArrayBuffer> {
  return insertSegments(jpeg, [makeApp1(EXIF, exif)])
}

/** Returns a JPEG with segments inserted behind those of JFIF and EXIF, which have to come first. */
export function insertSegments(jpeg: Buffer, segments: readonly Buffer[]): Buffer<ArrayBuffer> {
  let at = 2
  for (const { marker, body, end } of jpegSegments(jpeg)) {
    if (marker !== APP0 && !(marker === APP1 && EXIF.equals(body.subarray(0, EXIF.length)))) break
    at = end
  }
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)])
}

const ICC = Buffer.from('ICC_PROFILE\0')
/** Bytes of a profile that fit into a segment, behind the name, the number of the segment and the count of all. */
const MAX_ICC_BYTES = MAX_BYTES - ICC.length - 2
/** The count takes one byte. */
const MAX_ICC_SEGMENTS = 255

/** Returns true if a profile fits into a JPEG. */
export function fitsJpeg(icc: Uint8Array): boolean {
  return icc.length <= MAX_ICC_BYTES * MAX_ICC_SEGMENTS
}

/** Returns a JPEG with a profile, which fits into it (ICC.1:2022, annex B.4). */
export function addIccToJpeg(jpeg: Buffer, icc: Uint8Array): Buffer<ArrayBuffer> {
  const count = Math.ceil(icc.length / MAX_ICC_BYTES)
  const segments = Array.from({ length: count }, (_, index) =>
    makeSegment(
      APP2,
      ICC,
      Buffer.from([index + 1, count]),
      icc.subarray(index * MAX_ICC_BYTES, (index + 1) * MAX_ICC_BYTES),
    ),
  )
  return insertSegments(jpeg, segments)
}

/** Most segments of a profile that are read: libvips reads some more. */
const MAX_READ_SEGMENTS = 64

/**
 * Joins a profile from the contents of its APP2 segments. Returns undefined for other APP2 segments, and unless all parts
 * are there, in their order: readers differ in what they make of that.
 */
export function joinIcc(bodies: readonly Buffer[]): Buffer | undefined {
  if (bodies.length > MAX_READ_SEGMENTS) return undefined
  const isWhole = bodies.every(
    (body, index) =>
      body.length > ICC.length + 2 &&
      ICC.equals(body.subarray(0, ICC.length)) &&
      body[ICC.length] === index + 1 &&
      body[ICC.length + 1] === bodies.length,
  )
  const [first, ...others] = bodies.map((body) => body.subarray(ICC.length + 2))
  if (!isWhole || first === undefined) return undefined
  return others.length === 0 ? first : Buffer.concat([first, ...others])
}

/** Takes the name from the segments of the ICC profile, in place, so that readers skip them. (ICC.1:2022, annex B.4) */
export function hideJpegProfile(jpeg: Buffer): void {
  for (const { marker, body } of jpegSegments(jpeg)) {
    if (marker === APP2 && ICC.equals(body.subarray(0, ICC.length))) body.fill(0, 0, ICC.length)
  }
}

/** Returns the Photoshop resources of a JPEG, whose list may go on in further segments, behind their name. */
export function readJpegResources(jpeg: Uint8Array): Buffer | undefined {
  const lists = [...jpegSegments(jpeg)].flatMap(({ marker, body }) =>
    marker === APP13 && PHOTOSHOP.equals(body.subarray(0, PHOTOSHOP.length))
      ? [body.subarray(PHOTOSHOP.length)]
      : [],
  )
  return lists.length === 0 ? undefined : Buffer.concat([PHOTOSHOP, ...lists])
}

/** Returns a JPEG with IPTC behind its EXIF and XMP; undefined if it does not fit. */
export function addIptcToJpeg(jpeg: Buffer, iptc: Uint8Array): Buffer<ArrayBuffer> | undefined {
  const resources = makeIptcResources(iptc)
  if (resources.length > MAX_BYTES - PHOTOSHOP.length) return undefined
  let at = 2
  for (const { marker, end } of jpegSegments(jpeg)) {
    if (marker !== APP0 && marker !== APP1) break
    at = end
  }
  return Buffer.concat([jpeg.subarray(0, at), makeSegment(APP13, PHOTOSHOP, resources), jpeg.subarray(at)])
}

const JFIF = Buffer.from('JFIF\0')
/** Version, unit, and two densities, behind the name. (JFIF 1.02) */
const JFIF_UNIT = JFIF.length + 2
const DOTS_PER_INCH = 1

/** Writes the resolution into the JFIF segment of a JPEG, in place. A JPEG with other colours than JFIF's has none. */
export function setJpegDensity(jpeg: Buffer, density: number): void {
  for (const { marker, body } of jpegSegments(jpeg)) {
    if (marker !== APP0 || !JFIF.equals(body.subarray(0, JFIF.length)) || body.length < JFIF_UNIT + 5)
      continue
    body[JFIF_UNIT] = DOTS_PER_INCH
    body.writeUInt16BE(density, JFIF_UNIT + 1)
    body.writeUInt16BE(density, JFIF_UNIT + 3)
  }
}
