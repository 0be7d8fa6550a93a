import type { Removal } from '../../state/prune.js'
import type { Job } from '../../jobs/types.js'
import { plan } from '../../run/plan-run.js'
import type { RunOptions } from '../../run/options.js'
import type { Printer } from '../output/printer.js'
import type { RunFlags } from '../flags/run-flags.js'

/** A rendition that a run would make or remove or that has failed for good, or analyses that are missing. */
interface Pending {
  readonly source: string
  readonly preset?: string
  readonly path?: string
  readonly analyze?: readonly string[]
  readonly reason: string
}

/** `--dry-run` and `--check`: what would be made and why. Checking sets the exit code 1 where anything would be. */
export async function dryRun(options: RunOptions, flags: RunFlags, printer: Printer): Promise<void> {
  const { jobs, removals = [] } = await plan(options)
  const pending = [...jobs.flatMap(toPending), ...removals.map(toLeftover)]
  const unchanged = jobs.flatMap(({ settled = [] }) => settled.filter(({ action }) => action === 'unchanged'))
  if (flags.check === true && pending.length > 0) process.exitCode = 1
  if (flags.json === true) {
    for (const each of pending) process.stdout.write(`${JSON.stringify(each)}\n`)
    const counts = {
      sources: jobs.length,
      pending: pending.length - removals.length,
      unchanged: unchanged.length,
      ...(options.prune === true && { prune: removals.length }),
    }
    process.stdout.write(`${JSON.stringify({ plan: counts })}\n`)
    return
  }
  const width = pending.reduce((most, { reason }) => Math.max(most, reason.length), 0)
  for (const { source, path, analyze = [], reason } of pending)
    process.stdout.write(`${reason.padEnd(width)}  ${source} → ${path ?? analyze.join(', ')}\n`)
  if (printer.voice.quiet) return
  const verb = flags.check === true ? 'missing or stale' : 'to make'
  const leftover = options.prune === true ? ` ${removals.length} to remove,` : ''
  const count = `${pending.length - removals.length} ${verb},${leftover} ${unchanged.length} unchanged`
  printer.say(`${count}, from ${jobs.length} ${jobs.length === 1 ? 'image' : 'images'}; nothing was written`)
}

function toLeftover({ source, output, reason }: Removal): Pending {
  return { source, preset: output.preset, path: output.path, reason: `remove: ${reason}` }
}

function toPending({ path: source, renditions, analyze, settled = [] }: Job): Pending[] {
  const made = renditions.map(({ preset, target, before: path = target, reason = 'new' }) => ({
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
  // Where pictures are made, it goes without saying.
  const isMissing = made.length === 0 && analyze.length > 0
  return [...made, ...failed, ...(isMissing ? [{ source, analyze, reason: 'analysis missing' }] : [])]
}
