import { setFlagsFromString } from 'node:v8'
import { loadAnalyzers } from '../analyzers/load-analyzers.js'
import { modelMemory } from '../analyzers/vision/models/model-worker.js'
import { createBuffers } from '../image/buffer-pool.js'
import { executeJob } from '../jobs/execute-job.js'
import { createFastCodec } from '../codec/fast-codec.js'
import { decodersFor, retainedBytesOf } from '../decoders/index.js'
import type { Job, Rendition } from '../jobs/types.js'
import { loadOperations } from '../operations/own/load-operations.js'
import { createComputeLimiter } from '../engines/compute-limiter.js'
import { serveJobs } from '../engines/worker-server.js'
import { openStores } from './open-stores.js'
import type { ResolvedRun, ResolvedStores } from './types.js'
import { disableCache } from '../sharp.js'

/** The part of a run that a worker process has to know. */
export interface WorkerSetup {
  readonly stores: ResolvedStores
  readonly analyzers: ResolvedRun['analyzers']
  readonly operations: ResolvedRun['operations']
  /** Names of the analyzers of its jobs. */
  readonly analyze: readonly string[]
  /** Images that are decoded at once. */
  readonly slots: number
  /** Memory for pictures, in bytes. */
  readonly bytes: number
  /** Memory that one picture may take, in bytes. */
  readonly availableMemory: number
}

/**
 * Bytecode budget before V8 optimises a function, thirty times its default. A worker lives for seconds while every core
 * decodes; optimising for a longer life took a twentieth of a run of small images. Only the V8 of Node.js 20 has it.
 */
const V8_FLAGS = '--interrupt-budget=4000000'
const V8_WITH_FLAGS = '11.'

/** Turns a process into a worker of a run. */
export function work(self: NodeJS.Process): void {
  if (self.versions.v8.startsWith(V8_WITH_FLAGS)) setFlagsFromString(V8_FLAGS)
  disableCache()
  serveJobs(self, async (setup) => {
    const { analyzers: own, operations, analyze, slots, bytes, ...more } = setup as WorkerSetup // worker-engine.ts sends one
    const { stores, availableMemory } = more
    const store = await openStores(stores)
    await loadOperations(operations, stores.root)
    const loaded = await loadAnalyzers(analyze, own, stores.root)
    const analyzers = new Map(loaded.map((analyzer) => [analyzer.name, analyzer]))
    const decoders = decodersFor(bytes)
    // Each core of a worker has two images in work.
    const fastCodec = createFastCodec({ threads: Math.ceil(slots / 2), bytesPerThread: 0 })
    const compute = createComputeLimiter({
      slots,
      bytes,
      retainedBytes: () => retainedBytesOf([...decoders, fastCodec, modelMemory]),
    })
    const buffers = createBuffers()
    const context = {
      input: store,
      output: store,
      decoders,
      fastCodec,
      analyzers,
      compute,
      buffers,
      availableMemory,
    }
    const share = shareLists()
    return (job, jobContext) => executeJob(share(job), { ...context, ...jobContext })
  })
}

/** Replaces equal lists of operations by the first of them, which is validated once. Each job arrives with its own. */
function shareLists(): (job: Job) => Job {
  const lists = new Map<string, Rendition['ops']>()
  const share = ({ recipe, ops, ...rendition }: Rendition): Rendition => {
    const first = lists.get(recipe) ?? ops
    lists.set(recipe, first)
    return { ...rendition, recipe, ops: first }
  }
  return (job) => ({ ...job, renditions: job.renditions.map(share) })
}
