import type { BitReader } from './bit-reader.js'

/** Codes of ITU-T H.273. */
export interface ColourCodes {
  readonly primaries: number
  readonly transfer: number
}

/** Reads color_primaries and transfer_characteristics, which HEVC and AV1 write alike behind a flag. */
export function readColourCodes({ flag, read }: BitReader): ColourCodes | undefined {
  return flag() ? { primaries: read(8), transfer: read(8) } : undefined
}
