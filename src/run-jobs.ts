import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import type { Analyzer } from './core/analyzer.js'
import { createClaims } from './core/claims.js'
import { execute } from './core/execute.js'
import { isRemote } from './core/refs.js'
import type { Result, Store } from './core/types.js'
import { decoders } from './decoders.js'
import { createLocalEngine } from './engines/local.js'
import type { Group } from './run-groups.js'
import type { RunOptions } from './run-options.js'

/** Images that are read or written over a network while others are computed: at 50 ms a request, 600 a second. */
const IN_FLIGHT = 64
const BYTES_IN_FLIGHT = 128 * 1024 * 1024

/** Makes what is planned, whatever folder it goes to. */
export async function* runJobs(
  groups: readonly Group[],
  store: Store,
  analyzers: ReadonlyMap<string, Analyzer>,
  options: RunOptions,
): AsyncGenerator<Result> {
  const { concurrency = availableParallelism() } = options
  const signal = shareSignal(options.signal)
  const jobs = groups.flatMap((group) => group.plan.jobs)
  const { claim, finish } = createClaims(jobs)
  const settled = groups.flatMap((group) => group.settled)
  for (const result of settled) {
    finish(result.job)
    yield result
  }
  const isSettled = new Set(settled.map(({ job }) => job))
  const toMake = jobs.filter((job) => !isSettled.has(job))
  const far = toMake.some((job) => isRemote(job.source.ref) || isRemote(job.out))
  const compute = far ? pLimit(concurrency) : undefined
  const context = { input: store, output: store, claim, signal, decoders, analyzers, compute }
  const engine = createLocalEngine({
    concurrency: far ? concurrency + IN_FLIGHT : concurrency,
    bytes: far ? BYTES_IN_FLIGHT : undefined,
    execute: (job) => execute(job, context).finally(() => finish(job)),
  })
  for await (const result of engine.run(toMake, { signal })) {
    // What a stop has kept from beginning is no failure, and has no result.
    if (result.error?.code !== 'ABORTED') yield result
  }
}

/** A signal that all that is in flight may listen to, which Node would take for a leak. */
function shareSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return undefined
  const shared = AbortSignal.any([signal])
  setMaxListeners(0, shared)
  return shared
}
