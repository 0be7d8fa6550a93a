import { setFlagsFromString } from 'node:v8'
import { loadAnalyzers } from '../analyzers/load-analyzers.js'
import { createBuffers } from '../image/buffer-pool.js'
import { executeJob } from '../jobs/execute-job.js'
import { resolveLocation } from '../paths/location.js'
import { createFastJpeg } from '../jpeg/jpeg-accelerator.js'
import { decodersFor, retainedBytesOf } from '../decoders/index.js'
import type { Job, Rendition } from '../jobs/types.js'
import { createComputeLimiter } from '../engines/compute-limiter.js'
import { serveJobs } from '../engines/worker-server.js'
import type { RunOptions } from './options.js'
import { openStores } from './open-stores.js'
import { disableCache } from '../sharp.js'

/** What a worker process has to know of its run. */
export interface WorkerSetup {
  readonly cwd: string
  /** Analyzers that jobs name. */
  readonly analyze: readonly string[]
  /** Images that are decoded at once. */
  readonly slots: number
  /** Memory for pictures. */
  readonly bytes: number
  readonly options: Pick<RunOptions, 'root' | 's3' | 'stores' | 'analyzers'>
}

/**
 * How much of a function has to run before V8 optimises it, thirty times its default: a worker lives for seconds, and
 * every core is decoding meanwhile. Compiling for a longer life took a twentieth of all that a run of small images did.
 * Only the V8 of Node.js 20 knows it.
 */
const V8_FLAGS = '--interrupt-budget=4000000'
const KNOWS_FLAGS = '11.'

/** Makes a process one of a run's workers. */
export function work(self: NodeJS.Process): void {
  if (self.versions.v8.startsWith(KNOWS_FLAGS)) setFlagsFromString(V8_FLAGS)
  disableCache()
  serveJobs(self, async (setup) => {
    const { cwd, analyze, slots, bytes, options } = setup as WorkerSetup // as the run has described itself
    const store = await openStores(cwd, options)
    const loaded = await loadAnalyzers(
      analyze,
      options.analyzers ?? {},
      resolveLocation(options.root ?? '.', cwd),
    )
    const analyzers = new Map(loaded.map((analyzer) => [analyzer.name, analyzer]))
    const decoders = decodersFor(bytes)
    // A core of a worker's own has two images in work.
    const fastJpeg = createFastJpeg({ threads: Math.ceil(slots / 2), patience: 0 })
    const compute = createComputeLimiter({
      slots,
      bytes,
      retainedBytes: () => retainedBytesOf([...decoders, fastJpeg]),
    })
    const buffers = createBuffers()
    const context = { input: store, output: store, decoders, fastJpeg, analyzers, compute, buffers }
    const share = shareLists()
    return (job, { reserve, signal }) => executeJob(share(job), { ...context, reserve, signal })
  })
}

/** Each job comes with lists of its own; of equal ones the first is taken, which is validated once. */
function shareLists(): (job: Job) => Job {
  const lists = new Map<string, Rendition['ops']>()
  const share = ({ recipe, ops, ...rendition }: Rendition): Rendition => {
    const first = lists.get(recipe) ?? ops
    lists.set(recipe, first)
    return { ...rendition, recipe, ops: first }
  }
  return (job) => ({ ...job, renditions: job.renditions.map(share) })
}
