import { decodersFor, fastJpeg, retainedBytesOf } from '../../decoders/index.js'
import { createComputeLimiter } from '../../engines/compute-limiter.js'
import { memoryCeiling, memoryPerWorker } from '../../engines/memory-budget.js'
import type { Compute, Decoder } from '../../image/types.js'
import type { FastJpeg } from '../../jpeg/types.js'

/** Cores, memory and decoders, which everything that a server makes shares. */
export interface Machine {
  readonly decoders: readonly Decoder[]
  readonly fastJpeg: FastJpeg
  readonly compute: Compute
  /** Bytes that one image may take. */
  readonly availableMemory: number
}

/** Creates the machine of a server. */
export function createMachine({ concurrency }: { readonly concurrency: number }): Machine {
  const bytes = memoryPerWorker(undefined, 0)
  const decoders = decodersFor(bytes)
  const retainedBytes = () => retainedBytesOf([...decoders, fastJpeg])
  const compute = createComputeLimiter({ slots: concurrency, bytes, retainedBytes })
  return { decoders, fastJpeg, compute, availableMemory: memoryCeiling(undefined) }
}
