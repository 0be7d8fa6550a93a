import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { loadConfig } from '../../config/load-config.js'
import { resolveOpPaths } from '../../config/resolve-paths.js'
import { isPipe } from '../../paths/location.js'
import { ImgprocError } from '../../errors.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { toConfigOptions } from '../../run/config-options.js'
import { plan } from '../../run/plan-run.js'
import { predictOutputs } from '../../run/check/predict-outputs.js'
import { run, type Run } from '../../run/run.js'
import { checkManifestCommand, checksManifest } from './check-manifest.js'
import { dryRun } from './dry-run.js'
import type { RunOptions } from '../../run/options.js'
import { createProgress } from '../output/progress-bar.js'
import { shouldShowProgress, showRun } from '../output/run-output.js'
import { noteLateError } from '../exit-code.js'
import { stopOnSignals } from '../signals.js'
import type { Printer } from '../output/printer.js'
import { checkReport, lookAtRun } from '../output/look-at-run.js'
import { explainMixedFolder } from '../output/warn-mixed.js'
import { checkTerminals } from '../flags/check-terminal.js'
import { checkLastInput, detectOutFile } from '../flags/out-file.js'
import { applyRunFlags, type RunFlags } from '../flags/run-flags.js'
import { suggestPlacement } from '../output/suggest-command.js'
import { watchCommand } from './watch.js'

/** The command line, and the defaults of its command. */
export interface RunContext {
  /** All words after `imgproc`, from which messages suggest better ones. */
  readonly argv: readonly string[]
  /** Preset to make if none is named. */
  readonly preset?: string
  /** Output folder, unless a flag or the config names one. */
  readonly out: string
}

/**
 * Runs the command `run`, `thumbs` or `check`. Sets the exit code to 1 if an image failed.
 *
 * @returns true if it has written any outputs.
 */
export async function runCommand(
  typed: readonly string[],
  flags: RunFlags,
  ops: readonly ImageOp[],
  context: RunContext,
  printer: Printer,
): Promise<boolean> {
  await checkLastInput(typed, flags.out)
  const inputs = await collectInputs(typed, flags.from)
  const options = await toRunOptions(inputs, flags, ops, context)
  if (flags.json === true && isPipe(options.out ?? '')) {
    const message = '--json and --out - both write to stdout. Remove one, or set --out to a folder.'
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  checkReport(flags, options)
  if (flags.dryRun !== true && flags.check !== true)
    checkTerminals(options, { stdin: process.stdin.isTTY, stdout: process.stdout.isTTY })
  if (flags.watch === true && flags.queue !== undefined) {
    const message = '--watch and --queue cannot be combined. Run the command again when files have changed.'
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  if (flags.watch === true) {
    // stdin can be read only once.
    const readInputs = async () => (flags.from === '-' ? inputs : collectInputs(typed, flags.from))
    const readOptions = async () => toRunOptions(await readInputs(), flags, ops, context)
    await watchCommand(options, readOptions, flags, printer)
    return true
  }
  if (context.preset === undefined && checksManifest(flags, ops, options)) {
    const isChosen = flags.out !== undefined || options.out !== resolve(process.cwd(), context.out)
    await checkManifestCommand(options, flags, isChosen, printer)
    return false
  }
  if (flags.dryRun === true || flags.check === true) {
    const planned = await plan(options)
    await dryRun(await predictOutputs(planned, options), planned.removals ?? [], flags, printer)
    return false
  }
  return makeImages(options, flags, printer)
}

/** Makes the images of a run. Returns true if it has written any outputs. */
async function makeImages(options: RunOptions, flags: RunFlags, printer: Printer): Promise<boolean> {
  const queue = flags.queue === undefined ? undefined : await openRunQueue(flags, flags.queue, printer)
  const interrupt = stopOnSignals(printer)
  let hasBegun = false
  try {
    const progress = createProgress(shouldShowProgress(flags, printer))
    const { signal } = interrupt
    const engine = queue?.engine
    const onEvent: RunOptions['onEvent'] = (event) => {
      hasBegun = true
      progress.note(event)
    }
    const batch = run({ ...options, engine, signal, onEvent })
    await warnOfMixedFolder(batch, options, printer)
    const folders = flags.report === undefined ? [] : await foldersOf(batch)
    const summary = await showRun(batch, flags, printer, interrupt, progress)
    if (summary !== undefined && summary.failures.length > 0) process.exitCode = 1
    if (summary !== undefined) await lookAtRun(summary, folders, options, flags, printer)
    return summary !== undefined && summary.renditions.written > 0
  } catch (error) {
    if (hasBegun) noteLateError(error)
    throw error
  } finally {
    await queue?.close()
    interrupt.resendSignal()
  }
}

/** Returns the output folders of a run. */
async function foldersOf(batch: Run): Promise<readonly string[]> {
  const outs = new Set<string>()
  for (const { out } of await batch.plan) outs.add(out)
  return [...outs]
}

/** Opens the queue of a run. Only such a run loads its code. */
async function openRunQueue(flags: RunFlags, address: string, printer: Printer) {
  const { openProducer } = await import('./queue.js')
  return openProducer(flags, address, printer)
}

/** Warns if outputs are written beside their sources, unless a template or file says so. */
async function warnOfMixedFolder(
  batch: Run,
  { pathForAll, outFile }: RunOptions,
  { printLine, paint }: Printer,
): Promise<void> {
  if (pathForAll !== undefined || outFile !== undefined) return
  // A run whose sources lie in its output folder is never unchanged at a look.
  if (await batch.isUnchanged) return
  const warning = explainMixedFolder(await batch.plan)
  if (warning !== undefined) printLine(`${paint('yellow', 'warning')} ${warning}`)
}

/** Returns the options of a run. Precedence: flags, environment (read by commander), config, defaults. */
export async function toRunOptions(
  inputs: readonly string[] | undefined,
  flags: RunFlags,
  ops: readonly ImageOp[],
  context: RunContext,
): Promise<RunOptions> {
  const cwd = process.cwd()
  const fromConfig = toConfigOptions(
    await loadConfig({ cwd, ...(flags.config !== undefined && { file: flags.config }) }),
  )
  const options: RunOptions = {
    ...fromConfig,
    // Typed inputs are relative to the working directory, those of the config to its folder.
    cwd: inputs === undefined ? fromConfig.root : cwd,
    inputs,
    preset: context.preset ?? [],
    ops: resolveOpPaths(ops, cwd),
    out: fromConfig.out ?? resolve(cwd, context.out),
    pipe: { input: process.stdin, output: writeToStdout },
    suggest: suggestPlacement(context.argv),
  }
  return detectOutFile(applyRunFlags(flags, options, cwd), flags)
}

/** Resolves when all data is written; a pipe accepts 64 KB at a time. */
async function writeToStdout(data: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(data, (error) => (error ? reject(error) : resolve()))
  })
}

/** Returns the typed inputs and those of the --from file; undefined if neither is given. */
export async function collectInputs(
  typed: readonly string[],
  from: string | undefined,
): Promise<readonly string[] | undefined> {
  if (from !== undefined) return [...typed, ...(await readInputList(from))]
  return typed.length > 0 ? typed : undefined
}

/** Reads inputs from a file or stdin, one per line. */
async function readInputList(file: string): Promise<string[]> {
  const content = await (file === '-' ? readAll(process.stdin) : readFile(file, 'utf8')).catch(
    (cause: unknown) => {
      throw new ImgprocError(
        'INVALID_USAGE',
        `--from ${file}: the file cannot be read. It must list one input per line.`,
        { stage: 'usage', path: file, cause },
      )
    },
  )
  return content.split(/\r?\n/).filter((line) => line !== '')
}
