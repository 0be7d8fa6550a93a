import type { TortureInput } from './input.js'
import { distance, looksSame, mirror, type Pixels } from './pam.js'
import type { Outcome } from './subject-process.js'

/** Outcome of an input, a column of the table. Those of `FAULTS` must not happen. */
export type Verdict =
  | 'right'
  | 'one judge agrees'
  | 'not judged'
  | 'disputed'
  | 'error'
  | 'WRONG'
  | 'INTERNAL'
  | 'CRASH'
  | 'HANG'
  | 'WORDS'

export const FAULTS: ReadonlySet<Verdict> = new Set<Verdict>(['WRONG', 'INTERNAL', 'CRASH', 'HANG', 'WORDS'])

/** Codes of an ImgprocError, without INTERNAL. Other errors have the name of their class. */
const OWN_CODES = /^(?!INTERNAL$)[A-Z_]+$/

/** Returns the verdict on how calls of one input ended; undefined if the first made a picture, which is to be judged. */
export function verdictOnCalls(
  { kind, expected }: TortureInput,
  outcomes: readonly Outcome[],
): Verdict | undefined {
  if (outcomes.some(({ crash }) => crash !== undefined)) return 'CRASH'
  if (outcomes.some(({ hang }) => hang === true)) return 'HANG'
  if (outcomes.some(({ error }) => error !== undefined && !OWN_CODES.test(error.code))) return 'INTERNAL'
  if (outcomes.some(({ words }) => words !== undefined)) return 'WORDS'
  const code = outcomes[0]?.error?.code
  if (expected === 'refused') return code === 'UNSUPPORTED_FORMAT' ? 'right' : 'WRONG'
  if (code === undefined) return undefined
  return kind === 'legal' ? 'WRONG' : 'error'
}

/** Returns the verdict on a picture: by what its standard says, else by the judges that could decode it. */
export function verdictOnPicture(
  input: TortureInput,
  ours: Pixels,
  pictures: readonly (Pixels | undefined)[],
): Verdict {
  const asStored = verdictOnPixels(input, ours, pictures)
  if (asStored !== 'WRONG' || input.extension !== 'tif') return asStored
  return verdictOnPixels(input, asLibtiffTurns(ours, input.bytes), pictures)
}

/**
 * Mirrors a picture as its orientation says: libtiff's interface for RGBA, which judges use for JPEG in TIFF, does so and
 * has no other way. Orientations that turn by 90 degrees stay as they are.
 */
function asLibtiffTurns(ours: Pixels, bytes: Buffer): Pixels {
  const orientation = [2, 3, 4].find((each) => entriesOf(each).some((entry) => bytes.includes(entry)))
  return mirror(ours, orientation === 2 || orientation === 3, orientation === 3 || orientation === 4)
}

/** Returns the entry of a TIFF's directory for an orientation, in both byte orders. */
function entriesOf(orientation: number): Buffer[] {
  return [
    Buffer.from([0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0]),
    Buffer.from([1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation]),
  ]
}

function verdictOnPixels(
  { expected }: TortureInput,
  ours: Pixels,
  pictures: readonly (Pixels | undefined)[],
): Verdict {
  if (typeof expected === 'function') return expected(ours) ? 'right' : 'WRONG'
  const judged = pictures.map((picture) => picture && looksSame(ours, picture))
  const agreeing = judged.filter((agrees) => agrees === true).length
  const differing = judged.filter((agrees) => agrees === false).length
  if (differing === judged.length) return liesBetween(ours, pictures) ? 'disputed' : 'WRONG'
  if (agreeing === judged.length) return 'right'
  if (agreeing > 0) return 'one judge agrees'
  return differing > 0 ? 'disputed' : 'not judged'
}

/** Returns true if a picture is nearer to a judge than the judges are to each other: then they contradict each other. */
function liesBetween(ours: Pixels, pictures: readonly (Pixels | undefined)[]): boolean {
  const [first, ...others] = pictures.filter((picture) => picture !== undefined)
  if (first === undefined) return false
  const apart = Math.max(0, ...others.map((other) => distance(first, other)))
  return Math.min(...[first, ...others].map((picture) => distance(ours, picture))) < apart
}
