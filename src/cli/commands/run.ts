import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { loadConfig } from '../../config/load-config.js'
import { isPipe, resolveLocation } from '../../paths/location.js'
import { ImgprocError } from '../../errors.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { run } from '../../run/run.js'
import { dryRun } from './dry-run.js'
import type { RunOptions } from '../../run/options.js'
import { resolveOpPaths, resolvePresetPaths } from '../flags/resolve-paths.js'
import { showRun } from '../output/run-output.js'
import { stopOnSignals } from '../signals.js'
import type { Printer } from '../output/printer.js'
import { applyRunFlags, type RunFlags } from '../flags/run-flags.js'
import { suggestPath } from '../output/suggest-command.js'
import { watchCommand } from './watch.js'

/** What a command adds to the flags. */
export interface RunDefaults {
  /** Made where no preset is named. */
  readonly preset?: string
  /** Where the outputs go, unless flag or config say it. */
  readonly out: string
}

/** `imgproc run` and `thumbs`: flags and config in, images out. Sets the exit code. */
export async function runCommand(
  typed: readonly string[],
  flags: RunFlags,
  ops: readonly ImageOp[],
  defaults: RunDefaults,
  printer: Printer,
): Promise<void> {
  const inputs = await collectInputs(typed, flags.from)
  const options = await toRunOptions(inputs, flags, ops, defaults)
  if (flags.json === true && isPipe(options.out ?? '')) throw bothToStdout()
  if (flags.watch === true) {
    // stdin is read once.
    const inputsNow = async () => (flags.from === '-' ? inputs : collectInputs(typed, flags.from))
    const reread = async () => toRunOptions(await inputsNow(), flags, ops, defaults)
    return watchCommand(options, reread, flags, printer)
  }
  if (flags.dryRun === true || flags.check === true) return dryRun(options, flags, printer)
  const interrupt = stopOnSignals(printer)
  try {
    const batch = run({ ...options, signal: interrupt.signal })
    const summary = await showRun(batch, flags, printer, interrupt)
    if (summary !== undefined && summary.failures.length > 0) process.exitCode = 1
  } finally {
    interrupt.raiseAgain()
  }
}

function bothToStdout(): ImgprocError {
  const message = '--json and --out - both write to stdout. Leave one out, or name a folder with --out.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}

/** Precedence: flags, then the environment (read by commander), then the config, then defaults. */
async function toRunOptions(
  inputs: readonly string[] | undefined,
  flags: RunFlags,
  ops: readonly ImageOp[],
  defaults: RunDefaults,
): Promise<RunOptions> {
  const cwd = process.cwd()
  const { config, root, file } = await loadConfig({
    cwd,
    ...(flags.config !== undefined && { file: flags.config }),
  })
  const { presets = {}, ...rest } = config as RunOptions // loadConfig has validated its operations
  const { out, base, manifest, ignore = [] } = rest
  const fromRoot = (path: string) => resolveLocation(path, root)
  const options: RunOptions = {
    ...rest,
    // Without a config the presets are unknown, except the shipped ones.
    presets: file === undefined ? undefined : resolvePresetPaths(presets, root),
    // Typed inputs are relative to the working directory, those of the config to its folder.
    cwd: inputs === undefined ? root : cwd,
    root,
    inputs,
    preset: defaults.preset ?? [],
    ops: resolveOpPaths(ops, cwd),
    out: out === undefined ? resolve(cwd, defaults.out) : fromRoot(out),
    base: base === undefined ? undefined : fromRoot(base),
    manifest: typeof manifest === 'string' ? fromRoot(manifest) : manifest,
    ignore: ignore.map(fromRoot),
    pipe: { input: process.stdin, output: writeToStdout },
    suggest: suggestPath(process.argv.slice(2)),
  }
  return applyRunFlags(flags, options, cwd)
}

/** Settles when all of it is through: a pipe takes 64 KB at a time. */
async function writeToStdout(data: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(data, (error) => (error ? reject(error) : resolve()))
  })
}

/** What is typed and what a list file names; undefined where neither is given. */
async function collectInputs(
  typed: readonly string[],
  from: string | undefined,
): Promise<readonly string[] | undefined> {
  if (from !== undefined) return [...typed, ...(await readInputs(from))]
  return typed.length > 0 ? typed : undefined
}

/** Inputs from a file, or from stdin: one a line. */
async function readInputs(file: string): Promise<string[]> {
  const content = await (file === '-' ? readAll(process.stdin) : readFile(file, 'utf8')).catch(
    (cause: unknown) => {
      throw new ImgprocError(
        'INVALID_USAGE',
        `--from ${file}: the file can't be read. It holds one input a line.`,
        { stage: 'usage', path: file, cause },
      )
    },
  )
  return content.split(/\r?\n/).filter((line) => line !== '')
}
