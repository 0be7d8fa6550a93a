import { z } from 'zod'
import type { Result, Store } from './types.js'

/*
 * What a run has made stands in its manifest when it is through. Until then each result is a line of the journal,
 * appended as it comes: a run that is killed leaves them, and the next one takes them for its own.
 */
function journalFile(out: string): string {
  return `${out}/.imgproc/journal.ndjson`
}

/** As much as must be there; what else a line holds, `addToJournal` has written. */
const lineSchema = z.looseObject({
  job: z.looseObject({ id: z.string(), path: z.string(), out: z.string(), renditions: z.array(z.unknown()) }),
  status: z.enum(['ready', 'partial', 'failed', 'skipped']),
  outputs: z.array(z.looseObject({ action: z.string(), preset: z.string(), path: z.string() })),
})

/** The results of a run that was killed; none where the last one ended. A line that was torn off is passed over. */
export async function readJournal(store: Store, out: string): Promise<Result[]> {
  const ref = journalFile(out)
  if (store.append === undefined || (await store.stat(ref)) === undefined) return []
  const text = Buffer.from(await store.read(ref)).toString()
  return text.split('\n').flatMap(parseLine)
}

/** Adds a result, unless the store can't append to a file. */
export async function addToJournal(store: Store, { job, ...result }: Result): Promise<void> {
  // What it was made of, the recipes stand for.
  const renditions = job.renditions.map((rendition) => ({ ...rendition, ops: [] }))
  // The line break comes first: a line that a kill tore off must not swallow the next run's first.
  const line = `\n${JSON.stringify({ ...result, job: { ...job, renditions, settled: undefined } })}`
  await store.append?.(journalFile(job.out), Buffer.from(line))
}

/** Drops the journal: all that it tells is in the manifest. */
export async function endJournal(store: Store, out: string): Promise<void> {
  const ref = journalFile(out)
  if (store.append !== undefined && (await store.stat(ref)) !== undefined) await store.remove(ref)
}

function parseLine(line: string): Result[] {
  if (line === '') return []
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line))
    // A line of ours is a result; `ops` are all that is missing.
    return parsed.success ? [parsed.data as unknown as Result] : []
  } catch {
    return []
  }
}
