import type { BitReader } from './bit-reader.js'

/** Codes of ITU-T H.273. */
export interface ColourCodes {
  readonly primaries: number
  readonly transfer: number
  readonly matrix: number
  /** In limited range, 8 bits of luma go from 16 to 235. */
  readonly isFullRange: boolean
}

/** Reads the codes without the range, which HEVC and AV1 write alike behind a flag. */
export function readColourCodes({ flag, read }: BitReader): Omit<ColourCodes, 'isFullRange'> | undefined {
  return flag() ? { primaries: read(8), transfer: read(8), matrix: read(8) } : undefined
}
