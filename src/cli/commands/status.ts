import { readAddress } from '../../queue/redis/address.js'
import { openQueue } from '../../queue/open-queue.js'
import { readStatus, type QueueStatus } from '../../queue/status/read-status.js'
import type { QueueFlags } from '../flags/queue-flags.js'
import { formatRate, formatSeconds } from '../output/progress-counter.js'
import { requireQueue } from './enqueue.js'

export interface StatusFlags extends QueueFlags {
  readonly json?: boolean
}

const MINUTE = 60

/** Prints what a queue holds and does: `imgproc status`. */
export async function statusCommand(flags: StatusFlags): Promise<void> {
  const open = await openQueue(await readAddress(requireQueue(flags.queue)), flags.queueName)
  try {
    const status = await readStatus(open)
    process.stdout.write(flags.json === true ? `${JSON.stringify(status)}\n` : describeStatus(status))
  } finally {
    await open.close()
  }
}

function describeStatus(status: QueueStatus): string {
  const { queue, waiting, active, delayed, done, failed, ungathered, rate, workers, dead } = status
  const left = waiting + active + delayed
  const eta = rate > 0 && left > 0 ? `, ETA ${formatSeconds(left / rate)}` : ''
  const rows: [string, string][] = [
    ['queue', queue],
    ['workers', String(workers)],
    ['waiting', String(waiting)],
    ['active', String(active)],
    ['delayed', String(delayed)],
    ['done', `${done}${ungathered > 0 ? ` (${ungathered} wait for a run to gather them)` : ''}`],
    ['failed', String(failed)],
    ['rate', `${formatRate(rate * MINUTE, MINUTE) || '0 img/s'} over the last minute${eta}`],
  ]
  const lines = rows.map(([name, value]) => `${name.padEnd(8)} ${value}`)
  const failures = dead.map(
    ({ path, error, attempts }) => `failed   ${path}: ${error} (attempts: ${attempts})`,
  )
  return [...lines, ...failures].map((line) => `${line}\n`).join('')
}
