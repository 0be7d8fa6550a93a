import { END, writeBlankScan } from './empty-ac-scan.js'
import type { Part } from './progressive-scans.js'
import { blocksOf } from './subsampling.js'
import { isMean, isSeen, readProgressive } from './progressive.js'

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
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const jpeg = readProgressive(file)
  if (jpeg === undefined) return undefined
  const kept = jpeg.parts.filter(({ scan }) => scan === undefined || isSeen(scan, jpeg, 1))
  const blankScans = jpeg.frame.components
    .filter((component) => isMean(component, jpeg, 1))
    .map((component) => {
      const { across, down } = blocksOf(component, jpeg.frame)
      return writeBlankScan(component.id, across * down)
    })
  return Buffer.concat([...kept.map((part) => bytesOf(file, part)), ...blankScans, END])
}

function bytesOf(file: Buffer, { start, end }: Part): Buffer {
  return file.subarray(start, end)
}
