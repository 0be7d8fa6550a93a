import { resolveLocation } from '../../paths/location.js'
import { readAddress } from '../../queue/redis/address.js'
import { openQueue } from '../../queue/open-queue.js'
import { createQueueEngine } from '../../queue/queue-engine.js'
import type { RunOptions } from '../../run/options.js'
import type { RunFlags } from '../flags/run-flags.js'
import { keepGarbageSmall } from '../keep-heap-small.js'
import type { Printer } from '../output/printer.js'

/** A queue that a run puts its jobs into. */
export interface Producer {
  readonly engine: NonNullable<RunOptions['engine']>
  readonly close: () => Promise<void>
}

/** Opens the queue of a run. */
export async function openProducer(
  flags: RunFlags,
  address: string,
  { printLine, paint }: Printer,
): Promise<Producer> {
  keepGarbageSmall()
  const open = await openQueue(await readAddress(address), flags.queueName)
  const engine = createQueueEngine(open, {
    shared: resolveShared(flags.shared),
    priority: flags.priority,
    force: flags.force,
    onNotice: (text) => printLine(`${paint('yellow', 'queue')} ${text}`),
  })
  return { engine, close: open.close }
}

/** Makes the shared folders absolute. */
export function resolveShared(folders: readonly string[] = []): string[] {
  return folders.map((folder) => resolveLocation(folder, process.cwd()))
}
