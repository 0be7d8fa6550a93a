import { EOI_MARKER, writeEmptyAcScan } from './empty-ac-scan.js'
import type { FilePart } from './progressive-scans.js'
import { sizeInBlocks } from './subsampling.js'
import { isScanNeeded, needsOnlyDc, readProgressive } from './progressive.js'

/**
 * Returns a progressive JPEG without the scans that do not affect its pixels at 1/8 of its size. libjpeg-turbo and mozjpeg
 * decode it there to the same pixels, and read only 8 to 40 % of the bytes. Returns undefined if the file is not progressive,
 * or is incomplete or unusual.
 *
 * At 1/8 a block of luma becomes one pixel, which depends only on its DC coefficient. The AC scans of such components are
 * dropped. Empty scans replace them, because libjpeg smooths blocks if their AC coefficients have not arrived yet.
 *
 * Truncated or incomplete files fail as without the cut, because all scans, tables, restart markers and EOI are checked.
 * Flipped bits inside a dropped scan go unnoticed: they affect none of these pixels, and a decoder only warns of them (libvips
 * gives up at the hundredth warning). If warnings are errors (`failOn: 'warning'`), the caller must not cut.
 */
export function cutAcScans(bytes: Uint8Array): Uint8Array | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const jpeg = readProgressive(file)
  if (jpeg === undefined) return undefined
  const parts = jpeg.parts.filter(({ scan }) => scan === undefined || isScanNeeded(scan, jpeg, 1))
  const emptyScans = jpeg.frame.components
    .filter((component) => needsOnlyDc(component, jpeg, 1))
    .map((component) => {
      const { across, down } = sizeInBlocks(component, jpeg.frame)
      return writeEmptyAcScan(component.id, across * down)
    })
  return Buffer.concat([...parts.map((part) => bytesOf(file, part)), ...emptyScans, EOI_MARKER])
}

function bytesOf(file: Buffer, { start, end }: FilePart): Buffer {
  return file.subarray(start, end)
}
