import { loadConfig } from '../../config/load-config.js'
import { checkExposure } from '../../http/access/check-exposure.js'
import { resolvePresetPaths } from '../../config/resolve-paths.js'
import { resolveAccess } from '../../http/access/options.js'
import { createHandler } from '../../http/create-handler.js'
import { listen } from '../../http/node-server.js'
import { resolveOptions } from '../../http/options.js'
import type { HandlerOptions } from '../../http/types.js'
import { resolveLocation } from '../../paths/location.js'
import type { QueueFlags } from '../flags/queue-flags.js'
import { mergePlaceFlags, type S3Flags } from '../flags/s3-flags.js'
import { withSigningKeys } from '../flags/signing-keys.js'
import { createLineBuffer } from '../output/line-buffer.js'
import { keepHeapSmall } from '../keep-heap-small.js'
import type { Printer } from '../output/printer.js'
import { waitForSignal } from '../signals.js'
import { joinQueue } from './serve-queue.js'

export interface ServeFlags extends S3Flags, QueueFlags {
  readonly shared?: readonly string[]
  readonly port: number
  readonly host: string
  readonly store?: string
  readonly open?: boolean
  readonly demo?: boolean
  readonly config?: string
}

/** Serves HTTP until a signal arrives: `imgproc serve`. Then it finishes the requests in progress. */
export async function serveCommand(flags: ServeFlags, printer: Printer): Promise<void> {
  const { printLine, quiet } = printer
  const options = await readOptions(flags)
  checkExposure(flags.host, resolveAccess(options), flags.open === true)
  keepHeapSmall()
  const log = createLineBuffer(process.stdout)
  const queue =
    flags.queue === undefined
      ? undefined
      : await joinQueue(flags, { address: flags.queue, store: resolveOptions(options).store }, printer)
  const handler = createHandler({
    ...(quiet && { logLevel: 'warn' }),
    ...options,
    ...queue?.options,
    log,
  })
  await handler.check()
  const stop = waitForSignal()
  const server = await listen(handler, flags)
  process.stdout.write(`Listening at ${server.url}\n`)
  await stop
  printLine('stopping: finishing the requests in progress (interrupt again to stop now)')
  await server.close()
  await queue?.close()
}

/** Returns the options of the handler. Precedence: flags, config, defaults. */
async function readOptions(flags: ServeFlags): Promise<HandlerOptions> {
  const cwd = process.cwd()
  const { config, root } = await loadConfig({ cwd, file: flags.config })
  const { presets, limits, failOn, concurrency, analyzers } = config
  const serve = withSigningKeys(config.serve ?? {}, process.env)
  const store = flags.store === undefined ? serve.store : resolveLocation(flags.store, cwd)
  return {
    concurrency,
    ...serve,
    demo: flags.demo ?? serve.demo,
    root,
    store,
    // loadConfig has validated their operations.
    presets: presets && resolvePresetPaths(presets as NonNullable<HandlerOptions['presets']>, root),
    ...mergePlaceFlags(flags, config),
    limits,
    failOn,
    analyzers,
  }
}
