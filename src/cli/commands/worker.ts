import { loadConfig } from '../../config/load-config.js'
import { defaultConcurrency } from '../../engines/concurrency.js'
import { listen, type HttpServer } from '../../http/node-server.js'
import { createWorkerHandler } from '../../http/worker-handler.js'
import { readAddress } from '../../queue/redis/address.js'
import { createExecute } from '../../queue/execute-queued.js'
import { openQueue } from '../../queue/open-queue.js'
import { startQueueWorker } from '../../queue/queue-worker.js'
import type { QueueFlags } from '../flags/queue-flags.js'
import { mergePlaceFlags, type S3Flags } from '../flags/s3-flags.js'
import { plural, type Printer } from '../output/printer.js'
import { waitForSignal } from '../signals.js'
import { requireQueue } from './enqueue.js'
import { resolveShared } from './queue.js'

export interface WorkerFlags extends QueueFlags, S3Flags {
  readonly shared?: readonly string[]
  readonly concurrency?: number
  readonly memory?: number
  readonly rate?: number
  readonly port?: number
  readonly host: string
  /** Seconds. */
  readonly drain: number
  readonly config?: string
}

/** Jobs in work beyond the concurrency: on disks, and over a network. */
const READ_AHEAD = 2
const IN_FLIGHT = 16

/** Takes jobs from a queue until a signal arrives: `imgproc worker`. Then it finishes those in work. */
export async function workerCommand(flags: WorkerFlags, printer: Printer): Promise<void> {
  const { printLine, quiet } = printer
  const { config, root } = await loadConfig({ cwd: process.cwd(), file: flags.config })
  const open = await openQueue(await readAddress(requireQueue(flags.queue)), flags.queueName)
  const { analyzers } = config
  const concurrency = flags.concurrency ?? config.concurrency ?? defaultConcurrency()
  const { memory } = flags
  const execute = await createExecute({
    cwd: process.cwd(),
    root,
    ...mergePlaceFlags(flags, config),
    analyzers,
    memory,
    concurrency,
  })
  const handler = createWorkerHandler()
  const stop = waitForSignal()
  const worker = await startQueueWorker(open, {
    execute,
    shared: resolveShared(flags.shared),
    concurrency: concurrency + READ_AHEAD,
    remoteConcurrency: concurrency + IN_FLIGHT,
    rate: flags.rate,
    onEnd: (end) => handler.metrics.countJob(end),
    onError: createErrorPrinter(printer),
  })
  handler.metrics.watchQueue('active', worker.active)
  const server = await serve(handler, flags)
  process.stdout.write(`Taking jobs from the queue ${open.name}\n`)
  await stop
  if (!quiet) printLine('stopping: finishing the images in progress (interrupt again to stop now)')
  const isDrained = await worker.drain(flags.drain)
  if (!isDrained) {
    printLine(`${plural(worker.active(), 'image')} not finished in time: other workers will make them`)
    process.exitCode = 1
  }
  await server?.close()
  await open.close()
}

async function serve(
  handler: Parameters<typeof listen>[0],
  { port, host }: WorkerFlags,
): Promise<HttpServer | undefined> {
  if (port === undefined) return undefined
  const server = await listen(handler, { port, host })
  process.stdout.write(`Listening at ${server.url}\n`)
  return server
}

/** Prints each message once in a row: a lost connection is reported at each attempt to restore it. */
function createErrorPrinter({ printLine, paint }: Printer): (error: Error) => void {
  let last = ''
  return ({ message }) => {
    if (message !== last) printLine(`${paint('yellow', 'queue')} ${message}`)
    last = message
  }
}
