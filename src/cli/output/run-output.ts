import type { Summary } from '../../jobs/summary.js'
import type { Result } from '../../jobs/types.js'
import { explainUnverifiedLibraries } from '../../render/passes/verified-libraries.js'
import type { Run } from '../../run/run.js'
import type { Interrupt } from '../signals.js'
import { printResult, printSummary, type Printer } from './printer.js'
import { createProgress, type Progress } from './progress-bar.js'
import type { RunFlags } from '../flags/run-flags.js'

/** Shows the progress, results and summary of a run. Returns its summary; undefined if stdout was closed. */
export async function showRun(
  batch: Run,
  flags: RunFlags,
  printer: Printer,
  interrupt: Interrupt,
  progress: Progress = createProgress(shouldShowProgress(flags, printer)),
): Promise<Summary | undefined> {
  try {
    if (showsResults(flags, printer) || !(await batch.isUnchanged)) {
      progress.start(await batch.plan)
      for await (const result of batch) {
        progress.add(result)
        showResult(result, flags, printer)
      }
      progress.stop()
    }
    const summary = await batch.summary
    if (interrupt.isStdoutClosed()) return undefined
    if (flags.json === true) process.stdout.write(`${JSON.stringify({ summary })}\n`)
    printSummary(printer, summary)
    const slowdown = printer.verbose ? explainUnverifiedLibraries() : undefined
    if (slowdown !== undefined) printer.printLine(printer.paint('dim', `fast JPEG path ${slowdown}`))
    return summary
  } finally {
    progress.stop()
  }
}

/** False with --no-progress, --quiet or --verbose. */
export function shouldShowProgress({ progress }: RunFlags, { quiet, verbose }: Printer): boolean {
  return progress !== false && !quiet && !verbose
}

function showsResults({ json }: RunFlags, { verbose }: Printer): boolean {
  return json === true || verbose
}

/** Prints one result, if --json or --verbose is given. */
export function showResult(result: Result, { json }: RunFlags, printer: Printer): void {
  if (json === true) process.stdout.write(`${JSON.stringify(toJsonLine(result))}\n`)
  if (printer.verbose) printResult(printer, result)
}

function toJsonLine({ job, status, outputs, analysis, analysisErrors, error, ms }: Result): object {
  return { source: job.path, status, outputs, analysis, analysisErrors, error, ms: Math.round(ms) }
}
