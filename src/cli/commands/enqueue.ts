import { ImgprocError } from '../../errors.js'
import { isPending } from '../../jobs/is-pending.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { filterJobs } from '../../plan/job-list.js'
import { createOutputClaims } from '../../plan/output-claims.js'
import { readAddress } from '../../queue/redis/address.js'
import { enqueueJobs } from '../../queue/enqueue.js'
import { openQueue } from '../../queue/open-queue.js'
import { plan } from '../../run/plan-run.js'
import type { RunFlags } from '../flags/run-flags.js'
import { keepGarbageSmall } from '../keep-heap-small.js'
import { plural, type Printer } from '../output/printer.js'
import { resolveShared } from './queue.js'
import { collectInputs, toRunOptions, type RunContext } from './run.js'

/** Puts the jobs of a run into a queue and leaves: `imgproc enqueue`. */
export async function enqueueCommand(
  typed: readonly string[],
  flags: RunFlags,
  ops: readonly ImageOp[],
  context: RunContext,
  { printLine, quiet }: Printer,
): Promise<void> {
  const address = requireQueue(flags.queue)
  keepGarbageSmall()
  const inputs = await collectInputs(typed, flags.from)
  const options = await toRunOptions(inputs, flags, ops, context)
  const planned = await plan(options)
  const jobs = filterJobs(planned, isPending)
  const open = await openQueue(await readAddress(address), flags.queueName)
  try {
    const { queued, known } = await enqueueJobs(open, jobs, createOutputClaims(planned), {
      shared: resolveShared(flags.shared),
      priority: flags.priority,
      force: flags.force,
      onNotice: printLine,
    })
    if (flags.json === true) process.stdout.write(`${JSON.stringify({ queued, known })}\n`)
    if (quiet) return
    const others = known > 0 ? `, ${known} of them before` : ''
    printLine(`${plural(queued + known, 'image')} in the queue ${open.name}${others}`)
    printLine('imgproc run with the same inputs and flags gathers the results and writes the manifest')
  } finally {
    await open.close()
  }
}

/** Returns the address of the queue. Throws INVALID_USAGE if there is none. */
export function requireQueue(address: string | undefined): string {
  if (address !== undefined) return address
  const message = 'There is no queue. Name its Redis by --queue redis://host:6379, or by IMGPROC_QUEUE.'
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
