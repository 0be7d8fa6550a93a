import { readAv1Colour } from './av1-colour.js'
import type { ColourCodes } from './colour-codes.js'
import { readHevcColour } from './hevc-colour.js'

/** A picture that is coded as one: the primary, or a tile of it. */
export interface CodedPicture {
  /** Body of its hvcC box. */
  readonly hvcC: Buffer | undefined
  /** Reads the beginning of its data. */
  readonly data: () => Buffer | undefined
}

/**
 * Returns the colours that the coded data announces; undefined if it does not, or can't be read.
 *
 * HEVC data has its headers in the hvcC box. AV1 pictures always have theirs in the data: a copy in av1C is optional.
 * (ISO 23008-12, section B.2; AV1 Image File Format 1.1, section 2.1)
 */
export function readCodedColour(codec: string, { hvcC, data }: CodedPicture): ColourCodes | undefined {
  try {
    if (codec === 'hvc1') return hvcC && readHevcColour(hvcC)
    const coded = codec === 'av01' ? data() : undefined
    return coded && readAv1Colour(coded)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
