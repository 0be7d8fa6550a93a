import { ImgprocError } from '../errors.js'
import type { Format, FormatType } from '../operations/settings/format.js'
import type { Picture, Size } from '../picture.js'
import { candidatesOf, FORMATS } from './output-formats.js'

/** Size, frames and alpha of a picture that is to be encoded. */
type EncodedPicture = Pick<Picture, 'width' | 'height' | 'pages' | 'alpha'>

/** Throws INVALID_OPERATION if a picture is larger than its format can be. Does not check `auto`, which has a choice. */
export function checkFits({ type }: Format, picture: Size): void {
  if (type === 'auto' || isSmallEnough(type, picture)) return
  throw new ImgprocError(
    'INVALID_OPERATION',
    `format: ${describeLimit(type)}, but the picture is ${sizeOf(picture)}. Make it smaller, or choose another format.`,
    { stage: 'encode' },
  )
}

/** Returns the formats of `auto` that can hold a picture. Throws INVALID_OPERATION if none can. */
export function fittingCandidates(
  format: Extract<Format, { type: 'auto' }>,
  picture: EncodedPicture,
): readonly FormatType[] {
  const candidates = candidatesOf(format)
  const fitting = candidates.filter((type) => reasonAgainst(type, picture) === undefined)
  if (fitting.length > 0) return fitting
  const reasons = candidates.map((type) => reasonAgainst(type, picture)).join('; ')
  throw new ImgprocError(
    'INVALID_OPERATION',
    `format: auto: none of its formats can hold the picture of ${sizeOf(picture)}: ${reasons}. Add another format to among, or make the picture smaller.`,
    { stage: 'encode' },
  )
}

function reasonAgainst(type: FormatType, picture: EncodedPicture): string | undefined {
  const { label, alpha, animation } = FORMATS[type]
  if (!isSmallEnough(type, picture)) return describeLimit(type)
  if (picture.alpha && !alpha) return `${label} has no alpha channel`
  return picture.pages > 1 && !animation ? `${label} has no animation` : undefined
}

function isSmallEnough(type: FormatType, { width, height }: Size): boolean {
  return Math.max(width, height) <= FORMATS[type].maxSide
}

function describeLimit(type: FormatType): string {
  const { label, maxSide } = FORMATS[type]
  return `${label} holds at most ${maxSide} pixels a side`
}

function sizeOf({ width, height }: Size): string {
  return `${width}x${height}`
}
