import { loadAnalyzers, type CustomAnalyzers } from '../analyzers/load-analyzers.js'
import type { Analyzer } from '../analyzers/types.js'
import { toImgprocError } from '../errors.js'
import { executeJob } from '../jobs/execute-job.js'
import { createExecution } from '../run/execution.js'
import { openStores } from '../run/open-stores.js'
import type { StoreOptions } from '../run/options.js'
import { resolveStores } from '../run/resolve-options.js'
import { createFailedResult } from './job-message.js'
import type { ProcessorOptions } from './process-job.js'

/** The part of a worker's config that its jobs need. */
export interface ExecuteQueuedOptions extends Omit<StoreOptions, 'pipe'> {
  /** Your own analyzers by name: the modules that export them, or the analyzers. */
  readonly analyzers?: CustomAnalyzers | undefined
  /** Memory in bytes. @default half of the available memory */
  readonly memory?: number | undefined
  /** Images that are decoded at once. */
  readonly concurrency: number
}

/** Creates the function that executes the jobs of a worker, with the worker's own stores, credentials and analyzers. */
export async function createExecute({
  analyzers: custom = {},
  memory,
  concurrency,
  ...stores
}: ExecuteQueuedOptions): Promise<ProcessorOptions['execute']> {
  const resolved = resolveStores(stores)
  const store = await openStores(resolved)
  const execution = createExecution(memory, concurrency)
  const loaded = new Map<string, Promise<readonly Analyzer[]>>()
  const load = async (names: readonly string[]) => {
    const key = names.join(' ')
    const loading = loaded.get(key) ?? loadAnalyzers(names, custom, resolved.root)
    loaded.set(key, loading)
    return new Map((await loading).map((analyzer) => [analyzer.name, analyzer]))
  }
  return async (job, { reserve }) => {
    try {
      const analyzers = await load(job.analyze)
      return await executeJob(job, { ...execution, input: store, output: store, analyzers, reserve })
    } catch (error) {
      // An analyzer that this worker lacks.
      return { job, ...createFailedResult(job, toImgprocError(error)) }
    }
  }
}
