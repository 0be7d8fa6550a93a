import { resolve } from 'node:path'
import { CONFIG_FILES } from '../../config/find-config.js'
import { loadConfig } from '../../config/load-config.js'
import type { Failure } from '../../jobs/summary.js'
import { ImgprocError } from '../../errors.js'
import type { RunOptions } from '../../run/options.js'
import { watch, type WatchOptions } from '../../watch/watch.js'
import { showRun } from '../output/run-output.js'
import { stopOnSignals } from '../signals.js'
import type { Printer } from '../output/printer.js'
import type { RunFlags } from '../flags/run-flags.js'
import { createRebuildPrinter } from '../output/watch-output.js'

/** `--watch`: runs, and runs again when something changes, until a signal comes. */
export async function watchCommand(
  options: RunOptions,
  reread: () => Promise<RunOptions>,
  flags: RunFlags,
  printer: Printer,
): Promise<void> {
  if (flags.dryRun === true || flags.check === true) throw onlyLooking()
  const { say, paint, voice } = printer
  let isIdle = false
  // Between two runs there is nothing to finish.
  const interrupt = stopOnSignals({ ...printer, say: (line) => (isIdle ? undefined : say(line)) })
  const withReload = addReload(reread, flags)
  const tellRebuild = createRebuildPrinter(flags, printer)
  let failures: readonly Failure[] | undefined
  try {
    for await (const rebuild of watch({ ...(await withReload(options)), signal: interrupt.signal })) {
      isIdle = false
      if (failures === undefined) {
        failures = (await showRun(rebuild.run, flags, printer, interrupt))?.failures ?? []
        const { jobs } = await rebuild.run.plan
        const count = `${jobs.length} ${jobs.length === 1 ? 'image' : 'images'}`
        if (!voice.quiet && !interrupt.signal.aborted) say(paint('dim', `watching ${count}, Ctrl-C ends it`))
      } else failures = await tellRebuild(rebuild, failures)
      isIdle = true
    }
  } finally {
    interrupt.raiseAgain()
  }
}

/** Has the options read anew where a config changes, or comes, or a list of inputs does. */
function addReload(
  reread: () => Promise<RunOptions>,
  { config, from }: RunFlags,
): (options: RunOptions) => Promise<WatchOptions> {
  const cwd = process.cwd()
  const files = new Set(from === undefined || from === '-' ? [] : [resolve(cwd, from)])
  const withReload = async (options: RunOptions): Promise<WatchOptions> => {
    const names = config === undefined ? CONFIG_FILES : [config]
    for (const name of names) files.add(resolve(cwd, name))
    // What was found above stays watched when it goes: it may come back.
    const { file } = await loadConfig({ cwd, file: config })
    if (file !== undefined) files.add(file)
    return { ...options, reload: { files: [...files], read: async () => withReload(await reread()) } }
  }
  return withReload
}

function onlyLooking(): ImgprocError {
  const message = '--watch makes what changes, and --check and --dry-run make nothing. Leave one out.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
