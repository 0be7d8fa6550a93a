import type { Rgba, TortureInput } from './input.js'
import type { Pixels } from './pam.js'
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

/** Returns the verdict on how calls of one input ended; undefined if all made a picture, which is to be judged. */
export function verdictOnCalls(outcomes: readonly Outcome[]): Verdict | undefined {
  if (outcomes.some(({ crash }) => crash !== undefined)) return 'CRASH'
  if (outcomes.some(({ hang }) => hang === true)) return 'HANG'
  if (
    outcomes.some(
      ({ error }) => error?.code === 'INTERNAL' || (error?.code === undefined && error !== undefined),
    )
  )
    return 'INTERNAL'
  if (outcomes.some(({ words }) => words !== undefined)) return 'WORDS'
  return outcomes[0]?.error === undefined ? undefined : 'error'
}

/** Returns the verdict on a picture: by the value that its standard gives, else by the judges that could decode it. */
export function verdictOnPicture(
  { expected }: TortureInput,
  ours: Pixels,
  judged: readonly (boolean | undefined)[],
): Verdict {
  if (expected !== undefined) return isAll(ours, expected) ? 'right' : 'WRONG'
  const agreeing = judged.filter((agrees) => agrees === true).length
  const differing = judged.filter((agrees) => agrees === false).length
  if (differing === judged.length) return 'WRONG'
  if (agreeing === judged.length) return 'right'
  if (agreeing > 0) return 'one judge agrees'
  return differing > 0 ? 'disputed' : 'not judged'
}

const TOLERANCE = 2

/** Returns true if every pixel has the value. The colour of a transparent pixel does not count. */
function isAll({ rgba }: Pixels, expected: Rgba): boolean {
  const channels = expected[3] === 0 ? [3] : [0, 1, 2, 3]
  for (let at = 0; at < rgba.length; at += 4) {
    if (channels.some((channel) => Math.abs(rgba[at + channel]! - expected[channel]!) > TOLERANCE))
      return false
  }
  return true
}
