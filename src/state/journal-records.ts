import { z } from 'zod'
import { withDefaults } from '../image/limits.js'
import type { Job, Rendition, Result } from '../jobs/types.js'
import type { Source } from '../stores/types.js'
import { parseJson } from '../utils/parse-json.js'
import type { Bytes } from '../utils/spool/byte-spool.js'
import { readLines } from '../utils/spool/lines.js'

/** The part of a result that the manifest and the source index need. Kept small: a run may have a million. */
interface JournalRecord
  extends Pick<Job, 'id' | 'path' | 'isSame'>, Omit<Result, 'job' | 'analysisErrors' | 'ms'> {
  readonly seen: Omit<Source, 'ref'>
  /** The presets that were planned. */
  readonly presets: readonly string[]
  /** Limits and strictness under which the source failed. */
  readonly conditions?: Pick<Job, 'limits' | 'failOn'>
}

/** Formats a result as a line of the journal, with a leading line break. */
export function formatLine({ job, status, source, outputs, analysis, error }: Result): string {
  const { id, path, isSame, limits, failOn, renditions, settled = [] } = job
  const { ref: _, ...seen } = job.source
  const record: JournalRecord = {
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
  // The line break comes first, so that a truncated last line does not swallow the next run's first line.
  return `\n${JSON.stringify(record)}`
}

/** The keys that are checked; `formatLine` has written the rest. */
const recordSchema = z.looseObject({
  id: z.string(),
  path: z.string(),
  seen: z.looseObject({ size: z.number() }),
  presets: z.array(z.string()),
  status: z.enum(['ready', 'partial', 'failed', 'skipped']),
  outputs: z.array(z.looseObject({ action: z.string(), preset: z.string(), path: z.string() })),
})

/**
 * Yields the results in the lines of a journal. Skips truncated lines.
 *
 * @param out the output folder of the run.
 */
export function* parseLines(lines: Bytes, out: string): Generator<Result> {
  for (const line of readLines(lines, 0, lines.length())) {
    const record = line === '' ? undefined : parseLine(line)
    if (record !== undefined) yield toResult(record, out)
  }
}

/** Parses a line. Returns undefined if it is truncated. */
function parseLine(text: string): JournalRecord | undefined {
  const parsed = recordSchema.safeParse(parseJson(text))
  // A line with these keys was written by `formatLine`, which adds all the others.
  return parsed.success ? (parsed.data as unknown as JournalRecord) : undefined
}

/** Restores a result. Its renditions have no operations and no targets: nothing reads those of a past run. */
function toResult(
  { id, path, isSame, seen, presets, conditions, ...result }: JournalRecord,
  out: string,
): Result {
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
