import type { HandlerOptions } from '../../http/types.js'
import { openQueue } from '../../queue/open-queue.js'
import { checkPlace } from '../../queue/places.js'
import { createQueueExecutor } from '../../queue/queue-executor.js'
import { readAddress } from '../../queue/redis/address.js'
import type { QueueFlags } from '../flags/queue-flags.js'
import type { Printer } from '../output/printer.js'
import { resolveShared } from './queue.js'

/** The queue of a server, and the options of its handler that come with it. */
export interface ServerQueue {
  readonly options: Pick<HandlerOptions, 'redis' | 'executor'>
  readonly close: () => Promise<void>
}

/**
 * Opens the queue of a server: workers make the outputs of uploads, and records and rate limits are in Redis.
 *
 * @param store location of originals and outputs, which all machines have to see.
 */
export async function joinQueue(
  flags: QueueFlags & { readonly shared?: readonly string[] },
  { address, store }: { readonly address: string; readonly store: string },
  { printLine, paint }: Pick<Printer, 'printLine' | 'paint'>,
): Promise<ServerQueue> {
  const shared = resolveShared(flags.shared)
  checkPlace(store, shared)
  const open = await openQueue(await readAddress(address), flags.queueName)
  return {
    options: {
      redis: open.client,
      executor: createQueueExecutor(open, {
        shared,
        onNotice: (text) => printLine(`${paint('yellow', 'queue')} ${text}`),
      }),
    },
    close: open.close,
  }
}
