import type { Failure } from '../../errors.js'
import type { Result } from '../../jobs/types.js'
import type { Change, Rebuild } from '../../watch/types.js'
import { shouldShowProgress, showResult } from './run-output.js'
import { plural, printError, printFailure, type Printer } from './printer.js'
import { createProgress } from './progress-bar.js'
import type { RunFlags } from '../flags/run-flags.js'

/** Up to so many images are printed one by one. More get a progress bar and a summary. */
const MAX_IMAGE_LINES = 10

/** Prints the outputs of a rebuild and its new failures. Resolves with all current failures. */
export type PrintRebuild = (rebuild: Rebuild, before: readonly Failure[]) => Promise<readonly Failure[]>

export function createRebuildPrinter(flags: RunFlags, printer: Printer): PrintRebuild {
  const { printLine, paint, quiet } = printer
  return async ({ changes, run }, before) => {
    const printInfo = (line: string) => (quiet ? undefined : printLine(line))
    describeRemoved(changes, flags.prune === true).forEach((line) => printInfo(paint('yellow', line)))
    const changed = new Set(changes.map(({ path }) => path))
    const progress = createProgress(shouldShowProgress(flags, printer))
    try {
      const pending = [...(await run.plan)].filter(({ renditions }) => renditions.length > 0)
      if (pending.length > MAX_IMAGE_LINES) progress.start(pending)
      const results: Result[] = []
      for await (const result of run) {
        if (result.job.renditions.length === 0) continue
        progress.add(result)
        showResult(result, flags, printer)
        results.push(result)
      }
      progress.stop()
      const summary = await run.summary
      if (flags.json === true) process.stdout.write(`${JSON.stringify({ summary })}\n`)
      describeWritten(results, changes, summary.seconds).forEach(printInfo)
      if (summary.pruned !== undefined && summary.pruned > 0)
        printInfo(`removed ${plural(summary.pruned, 'output')}`)
      const known = new Set(before.map(keyOf))
      const isNew = (failure: Failure) => changed.has(failure.path) || !known.has(keyOf(failure))
      for (const failure of summary.failures.filter(isNew)) printFailure(printer, failure)
      for (const warning of summary.warnings ?? []) printLine(`${paint('yellow', 'warning')} ${warning}`)
      return summary.failures
    } catch (error) {
      printError(printer, error)
      printInfo(paint('dim', 'waiting for changes'))
      return before
    } finally {
      progress.stop()
    }
  }
}

function describeRemoved(changes: readonly Change[], isPruned: boolean): string[] {
  const removed = changes.filter(({ kind }) => kind === 'removed').map(({ path }) => path)
  const [first] = removed
  if (first === undefined) return []
  const [were, their] = removed.length === 1 ? ['was', 'its'] : ['were', 'their']
  const sources =
    removed.length > MAX_IMAGE_LINES ? `${removed.length} images, such as ${first},` : removed.join(', ')
  return [`${sources} ${were} removed${isPruned ? '' : `; ${their} outputs are kept`}`]
}

/** Returns a line for each source with written outputs, or one for all if there are many. */
function describeWritten(results: readonly Result[], changes: readonly Change[], seconds: number): string[] {
  const written = results.filter((result) => countWritten(result) > 0)
  if (written.length > MAX_IMAGE_LINES) {
    const count = written.reduce((sum, result) => sum + countWritten(result), 0)
    return [`wrote ${plural(count, 'rendition')} of ${written.length} images (${seconds.toFixed(1)} s)`]
  }
  if (written.length > 0) return written.map(describeResult)
  const changed = changes.filter(({ kind }) => kind !== 'removed').map(({ path }) => path)
  return results.length > 0 || changed.length === 0 ? [] : [`${changed.join(', ')} changed: nothing to write`]
}

function describeResult(result: Result): string {
  const [count, all] = [countWritten(result), result.outputs.length]
  const renditions = count === all ? plural(count, 'rendition') : `${count} of ${plural(all, 'rendition')}`
  return `wrote ${renditions} of ${result.job.path} (${result.ms.toFixed(0)} ms)`
}

function countWritten({ outputs }: Result): number {
  return outputs.filter(({ action }) => action === 'written').length
}

/** Returns equal keys for repetitions of a failure. */
function keyOf({ path, preset, analyzer, error }: Failure): string {
  return JSON.stringify([path, preset, analyzer, error.message])
}
