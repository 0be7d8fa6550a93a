import { ImgprocError } from '../errors.js'
import type { ColourCodes } from '../metadata/heif/colour-codes.js'
import type { FilePixels } from './pixels.js'

/*
 * Takes care of the matrix from the coded components to red, green and blue where libheif 1.23 does not.
 * (ITU-T H.273, section 8.3)
 */

/** Green, blue and red are stored as they are. */
const IDENTITY = 0
const YCGCO = 8
/** Codes that libheif converts rightly. Browsers take 2, which tells nothing, and 15, which is reserved, for BT.601 too. */
const READ: ReadonlySet<number> = new Set([IDENTITY, 1, 2, 4, 5, 6, 7, YCGCO, 9, 12, 15])

/** Levels between black and full colour in limited range, of 8 bits. libheif takes more for blue and red, as for chroma. */
const LIMITED_RANGE = 219
const BLUE_RED_RANGE = 224

/** How libheif converts the colours of a matrix and range. */
export type MatrixSupport = 'right' | 'wrong scale' | 'not read'

/** Tells how libheif converts colours with these codes. It takes some matrices for others, and does not know the rest. */
export function matrixSupport(codes: ColourCodes | undefined): MatrixSupport {
  if (codes === undefined) return 'right'
  const { matrix, isFullRange } = codes
  if (!READ.has(matrix) || (matrix === YCGCO && !isFullRange)) return 'not read'
  return matrix === IDENTITY && !isFullRange ? 'wrong scale' : 'right'
}

/** Throws UNSUPPORTED_FORMAT for a matrix that is not read. Browsers show none of those. */
export function checkMatrix(codes: ColourCodes | undefined): void {
  if (codes === undefined || matrixSupport(codes) !== 'not read') return
  const range = codes.matrix === YCGCO ? ' in limited range' : ''
  throw new ImgprocError(
    'UNSUPPORTED_FORMAT',
    `The colours are coded with matrix ${codes.matrix} of ITU-T H.273${range}, which imgproc and browsers do not read. Export the picture again, as PNG or with the matrix of BT.709.`,
    { stage: 'decode' },
  )
}

/** Scales RGB in limited range in place, as the standard has it. */
export function correctLimitedRgb({ data, channels }: FilePixels): void {
  const max = data instanceof Uint16Array ? 65535 : 255
  const green = makeTable(LIMITED_RANGE, max)
  const other = makeTable(BLUE_RED_RANGE, max)
  for (let at = 0; at < data.length; at += channels) {
    data[at] = other[data[at]!]!
    data[at + 1] = green[data[at + 1]!]!
    data[at + 2] = other[data[at + 2]!]!
  }
}

/** Maps the values of libheif, which are multiplied by 256 / `range`, to those multiplied by 255 / 219. */
function makeTable(range: number, max: number): Uint16Array {
  return Uint16Array.from({ length: max + 1 }, (_, value) => {
    const coded = (value * range) / 256
    // 8 bits of the file are whole numbers.
    const stored = max === 255 ? Math.round(coded) : coded
    return Math.min(max, Math.round((stored * 255) / LIMITED_RANGE))
  })
}
