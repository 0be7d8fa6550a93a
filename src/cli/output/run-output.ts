import type { Summary } from '../../jobs/summary.js'
import type { Result } from '../../jobs/types.js'
import type { Run } from '../../run/run.js'
import type { Interrupt } from '../signals.js'
import { printResult, printSummary, type Printer } from './printer.js'
import { createProgress } from './progress-bar.js'
import type { RunFlags } from '../flags/run-flags.js'

/** Shows how a run goes on, and what it came to; undefined where nobody listens any more. */
export async function showRun(
  batch: Run,
  flags: RunFlags,
  printer: Printer,
  interrupt: Interrupt,
): Promise<Summary | undefined> {
  const progress = createProgress(wantsProgress(flags, printer))
  try {
    progress.start((await batch.plan).jobs.length)
    for await (const result of batch) {
      progress.add(result)
      showResult(result, flags, printer)
    }
    progress.stop()
    const summary = await batch.summary
    if (interrupt.isUnheard()) return undefined
    if (flags.json === true) process.stdout.write(`${JSON.stringify({ summary })}\n`)
    printSummary(printer, summary)
    return summary
  } finally {
    progress.stop()
  }
}

/** Whether a run's progress is shown. */
export function wantsProgress({ progress }: RunFlags, { voice }: Printer): boolean {
  return progress !== false && !voice.quiet && !voice.verbose
}

/** Shows a result where --json or --verbose ask for each. */
export function showResult(result: Result, { json }: RunFlags, printer: Printer): void {
  if (json === true) process.stdout.write(`${JSON.stringify(toLine(result))}\n`)
  if (printer.voice.verbose) printResult(printer, result)
}

/** A result as --json writes it. */
function toLine({ job, status, outputs, analysis, analysisErrors, error, ms }: Result): object {
  // What is undefined is not written.
  return { source: job.path, status, outputs, analysis, analysisErrors, error, ms: Math.round(ms) }
}
