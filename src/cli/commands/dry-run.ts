import type { Removal } from '../../state/prune.js'
import type { Job } from '../../jobs/types.js'
import type { RunPlan } from '../../run/types.js'
import { describePending } from '../output/pending-table.js'
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
export function dryRun({ jobs, removals = [] }: RunPlan, flags: RunFlags, printer: Printer): void {
  const pending = [...jobs.flatMap(toPending), ...removals.map(toPendingRemoval)]
  const unchanged = jobs.flatMap(({ settled = [] }) => settled.filter(({ action }) => action === 'unchanged'))
  if (flags.check === true && pending.length > 0) process.exitCode = 1
  if (flags.json === true) {
    for (const item of pending) process.stdout.write(`${JSON.stringify(item)}\n`)
    const counts = {
      sources: jobs.length,
      pending: pending.length - removals.length,
      unchanged: unchanged.length,
      ...(flags.prune === true && { prune: removals.length }),
    }
    process.stdout.write(`${JSON.stringify({ plan: counts })}\n`)
    return
  }
  const rows = pending.map(({ source, path, analyze = [], reason }) => {
    return { reason, source, target: path ?? analyze.join(', ') }
  })
  process.stdout.write(
    describePending(rows, { paint: printer.paintResult, columns: process.stdout.columns || undefined }),
  )
  if (printer.quiet) return
  const state = flags.check === true ? 'missing or stale' : 'to write'
  const removalCount = flags.prune === true ? ` ${removals.length} to remove,` : ''
  const count = `${pending.length - removals.length} ${state},${removalCount} ${unchanged.length} unchanged`
  printer.printLine(`${count}, from ${plural(jobs.length, 'image')}; nothing was written`)
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
