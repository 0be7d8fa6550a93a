import type { Failure } from '../../jobs/summary.js'
import type { Result } from '../../jobs/types.js'
import type { Change, Rebuild } from '../../watch/watch.js'
import { showResult, wantsProgress } from './run-output.js'
import { printError, printFailure, type Printer } from './printer.js'
import { createProgress } from './progress-bar.js'
import type { RunFlags } from '../flags/run-flags.js'

/** Up to so many images each has a line of its own, and there is no bar. */
const FEW = 10

/** Tells what a rebuild makes, and what fails that did not before; returns all that fails now. */
export type PrintRebuild = (rebuild: Rebuild, before: readonly Failure[]) => Promise<readonly Failure[]>

export function createRebuildPrinter(flags: RunFlags, printer: Printer): PrintRebuild {
  const { say, paint, voice } = printer
  return async ({ changes, run }, before) => {
    const tell = (line: string) => (voice.quiet ? undefined : say(line))
    toGone(changes, flags.prune === true).forEach((line) => tell(paint('yellow', line)))
    const changed = new Set(changes.map(({ path }) => path))
    const progress = createProgress(wantsProgress(flags, printer))
    try {
      const toMake = (await run.plan).jobs.filter(({ renditions }) => renditions.length > 0)
      if (toMake.length > FEW) progress.start(toMake.length)
      const made: Result[] = []
      for await (const result of run) {
        if (result.job.renditions.length === 0) continue
        progress.add(result)
        showResult(result, flags, printer)
        made.push(result)
      }
      progress.stop()
      const summary = await run.summary
      if (flags.json === true) process.stdout.write(`${JSON.stringify({ summary })}\n`)
      toLines(made, changes, summary.seconds).forEach(tell)
      if (summary.pruned !== undefined && summary.pruned > 0)
        tell(`removed ${plural(summary.pruned, 'output')}`)
      const known = new Set(before.map(nameOf))
      const isNews = (failure: Failure) => changed.has(failure.path) || !known.has(nameOf(failure))
      for (const failure of summary.failures.filter(isNews)) printFailure(printer, failure)
      for (const warning of summary.warnings ?? []) say(`${paint('yellow', 'warning')} ${warning}`)
      return summary.failures
    } catch (error) {
      printError(printer, error)
      tell(paint('dim', 'waiting for a change that mends it'))
      return before
    } finally {
      progress.stop()
    }
  }
}

function toGone(changes: readonly Change[], isPruned: boolean): string[] {
  const gone = changes.filter(({ kind }) => kind === 'removed').map(({ path }) => path)
  const [first] = gone
  if (first === undefined) return []
  const [are, their] = gone.length === 1 ? ['is', 'its'] : ['are', 'their']
  const what = gone.length > FEW ? `${gone.length} images, such as ${first},` : gone.join(', ')
  return [`${what} ${are} gone${isPruned ? '' : `; ${their} outputs stay`}`]
}

/** What was made, in few words. */
function toLines(made: readonly Result[], changes: readonly Change[], seconds: number): string[] {
  const written = made.filter((result) => countWritten(result) > 0)
  if (written.length > FEW) {
    const count = written.reduce((sum, result) => sum + countWritten(result), 0)
    return [`made ${plural(count, 'rendition')} of ${written.length} images (${seconds.toFixed(1)} s)`]
  }
  if (written.length > 0) return written.map(toLine)
  const changed = changes.filter(({ kind }) => kind !== 'removed').map(({ path }) => path)
  return made.length > 0 || changed.length === 0 ? [] : [`${changed.join(', ')} changed: nothing to make`]
}

function toLine(result: Result): string {
  const [count, all] = [countWritten(result), result.outputs.length]
  const what = count === all ? plural(count, 'rendition') : `${count} of ${plural(all, 'rendition')}`
  return `made ${what} of ${result.job.path} (${result.ms.toFixed(0)} ms)`
}

function countWritten({ outputs }: Result): number {
  return outputs.filter(({ action }) => action === 'written').length
}

function nameOf({ path, preset, analyzer, error }: Failure): string {
  return JSON.stringify([path, preset, analyzer, error.message])
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
