import { z } from 'zod'
import { withDefaults } from '../image/limits.js'
import type { Job, Rendition, Result } from '../jobs/types.js'
import type { Source } from '../stores/types.js'
import { parseJson } from '../utils/parse-json.js'

/** What the manifest and the memory learn of a result, and no more: a run may have a million. */
interface Line extends Pick<Job, 'id' | 'path' | 'isSame'>, Omit<Result, 'job' | 'analysisErrors' | 'ms'> {
  readonly seen: Omit<Source, 'ref'>
  /** The presets that were planned. */
  readonly presets: readonly string[]
  /** What a failure depended on. */
  readonly conditions?: Pick<Job, 'limits' | 'failOn'>
}

/** A result as a line of the journal. */
export function formatLine({ job, status, source, outputs, analysis, error }: Result): string {
  const { id, path, isSame, limits, failOn, renditions, settled = [] } = job
  const { ref: _, ...seen } = job.source
  const line: Line = {
    id,
    path,
    ...(isSame && { isSame }),
    seen,
    presets: [...new Set([...renditions, ...settled].map(({ preset }) => preset))],
    status,
    ...(source && { source }),
    outputs,
    ...(analysis && { analysis }),
    ...(error && { error, conditions: { limits, failOn } }),
  }
  // The line break comes first: a line that a kill tore off must not swallow the next run's first.
  return `\n${JSON.stringify(line)}`
}

/** As much as must be there; what else a line holds, `formatLine` has written. */
const lineSchema = z.looseObject({
  id: z.string(),
  path: z.string(),
  seen: z.looseObject({ size: z.number() }),
  presets: z.array(z.string()),
  status: z.enum(['ready', 'partial', 'failed', 'skipped']),
  outputs: z.array(z.looseObject({ action: z.string(), preset: z.string(), path: z.string() })),
})

/**
 * The results that lines of a journal tell of, but for those that were torn off.
 *
 * @param out the folder that outputs are below.
 */
export function* parseLines(bytes: Buffer, out: string): Generator<Result> {
  // One by one: all of them may be more than a text can hold.
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from)
    const to = end === -1 ? bytes.length : end
    const line = to > from ? parseLine(bytes.toString('utf8', from, to)) : undefined
    if (line !== undefined) yield toResult(line, out)
    from = to + 1
  }
}

/** Undefined for a line that was torn off. */
function parseLine(text: string): Line | undefined {
  const parsed = lineSchema.safeParse(parseJson(text))
  // A line of ours has all the rest.
  return parsed.success ? (parsed.data as unknown as Line) : undefined
}

/** A result again, but for what nobody asks of one that is past. */
function toResult({ id, path, isSame, seen, presets, conditions, ...result }: Line, out: string): Result {
  const { limits, failOn } = conditions ?? { limits: withDefaults(), failOn: 'error' }
  const renditions = presets.map((preset): Rendition => ({ preset, target: '', ops: [], recipe: '' }))
  const source = { ref: '', ...seen }
  const job: Job = {
    id,
    path,
    ...(isSame && { isSame }),
    source,
    renditions,
    out,
    analyze: [],
    limits,
    failOn,
  }
  return { ...result, job, ms: 0 }
}
