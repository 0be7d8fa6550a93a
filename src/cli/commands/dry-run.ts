import type { Removal } from '../../state/prune.js'
import type { Job } from '../../jobs/types.js'
import type { JobList } from '../../plan/types.js'
import { describePending, type PendingRow } from '../output/pending-table.js'
import { printLines } from '../output/print-lines.js'
import { createSpool } from '../../utils/spool/spool.js'
import type { Codec } from '../../utils/spool/lines.js'
import { plural, type Printer } from '../output/printer.js'
import type { RunFlags } from '../flags/run-flags.js'

/** A rendition that a run would write or remove, a permanent failure, or missing analyses. */
interface Pending {
  readonly source: string
  readonly preset?: string
  readonly path?: string
  readonly analyze?: readonly string[]
  readonly reason: string
}

/** Prints pending work and its reasons: `--dry-run` and `--check`. `--check` sets the exit code to 1 if there is any. */
export async function dryRun(
  jobs: JobList,
  removals: readonly Removal[],
  flags: RunFlags,
  printer: Printer,
): Promise<void> {
  const pending = createSpool<Pending>(codec)
  let unchanged = 0
  for (const job of jobs) {
    for (const { action } of job.settled ?? []) if (action === 'unchanged') unchanged++
    for (const one of toPending(job)) pending.add(one)
  }
  for (const removal of removals) pending.add(toPendingRemoval(removal))
  const count = pending.length
  if (flags.check === true && count > 0) process.exitCode = 1
  if (flags.json === true) {
    await printLines(mapAll(pending, (item) => JSON.stringify(item)))
    const counts = {
      sources: jobs.length,
      pending: count - removals.length,
      unchanged,
      ...(flags.prune === true && { prune: removals.length }),
    }
    await printLines([JSON.stringify({ plan: counts })])
    return
  }
  const rows = () => mapAll(pending, toRow)
  await printLines(
    describePending(rows, { paint: printer.paintResult, columns: process.stdout.columns || undefined }),
  )
  if (printer.quiet) return
  const state = flags.check === true ? 'missing or stale' : 'to write'
  const removalCount = flags.prune === true ? ` ${removals.length} to remove,` : ''
  const total = `${count - removals.length} ${state},${removalCount} ${unchanged} unchanged`
  printer.printLine(`${total}, from ${plural(jobs.length, 'image')}; nothing was written`)
}

const codec: Codec<Pending> = {
  encode: (pending) => JSON.stringify(pending),
  decode: (text) => JSON.parse(text) as Pending, // by `encode`
}

function* mapAll<T, U>(items: Iterable<T>, convert: (item: T) => U): Generator<U> {
  for (const item of items) yield convert(item)
}

function toRow({ source, path, analyze = [], reason }: Pending): PendingRow {
  return { reason, source, target: path ?? analyze.join(', ') }
}

function toPendingRemoval({ source, output, reason }: Removal): Pending {
  return { source, preset: output.preset, path: output.path, reason: `remove: ${reason}` }
}

function toPending({ path: source, renditions, analyze, settled = [] }: Job): Pending[] {
  const stale = renditions.map(({ preset, target, before: path = target, reason = 'new' }) => ({
    source,
    preset,
    path,
    reason,
  }))
  const failed = settled.flatMap((output) =>
    output.action === 'failed'
      ? [{ source, preset: output.preset, path: output.path, reason: `failed: ${output.error.code}` }]
      : [],
  )
  // Analyses run anyway if a rendition is written.
  const isMissing = stale.length === 0 && analyze.length > 0
  return [...stale, ...failed, ...(isMissing ? [{ source, analyze, reason: 'analysis missing' }] : [])]
}
