import { END, writeBlankScan } from './jpeg-blank-scan.js'
import { sideOf } from './jpeg-sampling.js'
import { countBlocks, readScans, type Part } from './jpeg-scans.js'

/** Larger files take the ordinary way: a forged one could keep the thread looking for markers for seconds. */
const MOST_BYTES = 64 * 1024 * 1024

/**
 * A progressive JPEG without what nobody sees at an eighth of its size: libjpeg-turbo and mozjpeg make the same pixels
 * of it there, bit for bit, and read 8 to 40 % of the bytes. Undefined where the file isn't progressive, or is in any
 * way odd.
 *
 * At 1/8 a block of luma becomes one pixel, which is its DC coefficient: scans of AC coefficients are left out for
 * each component of which this holds. Blank scans take their place, since libjpeg smooths blocks whose AC
 * coefficients it has yet to hear of.
 *
 * A file has to be whole: all scans there and in order, each with its tables and restart markers, and an end. So
 * what is truncated or broken up fails as it always did. Flipped bits inside a scan that is left out aren't seen:
 * they touch none of these pixels, and a decoder only warns of them (libvips gives up at the hundredth warning). Where
 * warnings are errors (`failOn: 'warning'`), the caller has to take the ordinary way.
 */
export function cutForEighth(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > MOST_BYTES) return undefined
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const jpeg = readScans(file)
  if (jpeg === undefined) return undefined
  const { frame, parts } = jpeg
  const blank = frame.components.filter((component) => sideOf(component, frame) === 1)
  const isLeftOut = ({ scan }: Part) =>
    scan !== undefined && scan.first > 0 && blank.includes(frame.components[scan.components[0]!]!)
  const kept = parts.filter((part) => !isLeftOut(part)).map(({ start, end }) => file.subarray(start, end))
  const blankScans = blank.map((component) => writeBlankScan(component.id, countBlocks(component, frame)))
  return Buffer.concat([...kept, ...blankScans, END])
}
