import { resolve } from 'node:path'
import { CONFIG_FILES } from '../../config/find-config.js'
import { loadConfig } from '../../config/load-config.js'
import type { Failure } from '../../errors.js'
import { ImgprocError } from '../../errors.js'
import type { WatchOptions } from '../../watch/types.js'
import { watch } from '../../watch/watch.js'
import { showRun } from '../output/run-output.js'
import { stopOnSignals } from '../signals.js'
import { plural, type Printer } from '../output/printer.js'
import type { RunFlags } from '../flags/run-flags.js'
import { createRebuildPrinter } from '../output/watch-output.js'

/**
 * Runs, and runs again on changes, until a signal arrives: `--watch`.
 *
 * @throws INVALID_USAGE with --dry-run or --check.
 */
export async function watchCommand(
  options: WatchOptions,
  readOptions: () => Promise<WatchOptions>,
  flags: RunFlags,
  printer: Printer,
): Promise<void> {
  if (flags.dryRun === true || flags.check === true) {
    const message = '--watch cannot be combined with --check or --dry-run. Remove one of them.'
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  const { printLine, paint, quiet } = printer
  let isIdle = false
  // Between two runs nothing is in progress.
  const interrupt = stopOnSignals({ printLine: (line) => (isIdle ? undefined : printLine(line)) })
  const withReload = createReload(readOptions, flags)
  const printRebuild = createRebuildPrinter(flags, printer)
  let failures: readonly Failure[] | undefined
  try {
    for await (const rebuild of watch({ ...(await withReload(options)), signal: interrupt.signal })) {
      isIdle = false
      if (failures === undefined) {
        failures = (await showRun(rebuild.run, flags, printer, interrupt))?.failures ?? []
        const { length } = await rebuild.run.plan
        if (!quiet && !interrupt.signal.aborted)
          printLine(paint('dim', `watching ${plural(length, 'image')}; press Ctrl-C to stop`))
      } else failures = await printRebuild(rebuild, failures)
      isIdle = true
    }
  } finally {
    interrupt.resendSignal()
  }
}

/** Returns a function that adds `reload`: the options are read again if a config or the list of inputs changes. */
function createReload(
  readOptions: () => Promise<WatchOptions>,
  { config, from }: RunFlags,
): (options: WatchOptions) => Promise<WatchOptions> {
  const cwd = process.cwd()
  const files = new Set(from === undefined || from === '-' ? [] : [resolve(cwd, from)])
  const withReload = async (options: WatchOptions): Promise<WatchOptions> => {
    const names = config === undefined ? CONFIG_FILES : [config]
    for (const name of names) files.add(resolve(cwd, name))
    // A config found above is still watched after it is deleted, because it may be restored.
    const { file } = await loadConfig({ cwd, file: config })
    if (file !== undefined) files.add(file)
    return {
      ...options,
      reload: { files: [...files], read: async () => withReload(await readOptions()) },
    }
  }
  return withReload
}
