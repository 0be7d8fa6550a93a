import { sharp } from '../sharp.js'
import type { Decoder } from '../image/types.js'
import {
  BASELINE,
  readSegment,
  readScanHeader,
  readFrameHeader,
  SOS,
  type JpegFrame,
} from '../codec/parser/markers.js'
import { readProgressive } from '../codec/parser/progressive.js'

const EOI = Buffer.from([0xff, 0xd9])

/**
 * Creates a decoder of JPEGs that lack nothing but their EOI marker. Browsers show them, but libjpeg cannot tell them from
 * files that were cut off. Leaves files unchanged that were cut off, or that cannot be verified, so that sharp reports them.
 */
export function createJpegEndDecoder(): Decoder {
  return {
    accepts: ({ bytes, format }) => format === 'jpeg' && lacksEoi(toBuffer(bytes)),
    async decode(bytes, _, { maxPixels, seconds }) {
      // The marker itself may be cut in half.
      const whole = Buffer.concat([bytes, bytes.at(-1) === EOI[0] ? EOI.subarray(1) : EOI])
      if (!isVerifiable(whole)) return bytes
      // If any coefficient is missing, libjpeg meets the marker too early and warns.
      return sharp(whole, { failOn: 'warning', limitInputPixels: maxPixels })
        .timeout({ seconds })
        .raw()
        .toBuffer()
        .then(
          () => whole,
          () => bytes,
        )
    },
  }
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Returns true if there is no EOI marker after the first scan began. An earlier one belongs to a thumbnail. */
function lacksEoi(file: Buffer): boolean {
  if (file.at(-2) === EOI[0] && file.at(-1) === EOI[1]) return false
  const scan = findFirstScan(file)
  return scan !== undefined && file.lastIndexOf(EOI) < scan.start
}

function findFirstScan(file: Buffer) {
  let frame: JpegFrame | undefined
  let isBaseline = false
  for (let at = 2; ;) {
    const segment = readSegment(file, at)
    if (segment === undefined || segment.end <= at) return undefined
    const { marker, start, end } = segment
    if (marker === SOS)
      return { start, isBaseline, frame, scan: frame && readScanHeader(file, segment, frame) }
    isBaseline ||= marker === BASELINE
    frame ??= readFrameHeaderOf(file, segment)
    at = end
  }
}

function readFrameHeaderOf(file: Buffer, segment: { marker: number; start: number; end: number }) {
  return FRAMES.has(segment.marker) ? readFrameHeader(file, segment) : undefined
}

/** Baseline and progressive frames. */
const FRAMES: ReadonlySet<number> = new Set([BASELINE, 0xc2])

/**
 * Returns true if libjpeg's warnings prove that a file is whole: a progressive file with all bits of all coefficients, or a
 * baseline file of 4:2:0 with all components in its first scan. For other subsampling, libvips does not see the warnings of
 * the last row of blocks.
 */
function isVerifiable(file: Buffer): boolean {
  const first = findFirstScan(file)
  if (first?.frame === undefined || first.scan === undefined) return false
  if (!first.isBaseline) return readProgressive(file) !== undefined
  const { components } = first.frame
  const sampling = components.map(({ hSampling, vSampling }) => `${hSampling}x${vSampling}`).join()
  return sampling === '2x2,1x1,1x1' && first.scan.components.length === components.length
}
