import { modelMemory } from '../analyzers/vision/models/model-worker.js'
import { decodersFor, fastCodec, retainedBytesOf } from '../decoders/index.js'
import { createComputeLimiter } from '../engines/compute-limiter.js'
import { memoryCeiling, memoryPerWorker } from '../engines/memory-budget.js'
import { createBuffers } from '../image/buffer-pool.js'
import type { ExecuteContext } from '../jobs/execute-job.js'

/**
 * Returns the parts of a context that depend on the memory of this process.
 *
 * @param memory budget in bytes. @default half of the available memory
 * @param slots images that are decoded at once.
 */
export function createExecution(
  memory: number | undefined,
  slots: number,
): Pick<ExecuteContext, 'decoders' | 'fastCodec' | 'compute' | 'buffers' | 'availableMemory'> {
  const bytes = memoryPerWorker(memory, 0)
  const decoders = decodersFor(bytes)
  const retainedBytes = () => retainedBytesOf([...decoders, fastCodec, modelMemory])
  const compute = createComputeLimiter({ slots, bytes, retainedBytes })
  return { decoders, fastCodec, compute, buffers: createBuffers(), availableMemory: memoryCeiling(memory) }
}
