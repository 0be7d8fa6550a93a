import { modelMemory } from '../../analyzers/vision/models/model-worker.js'
import { decodersFor, fastCodec, retainedBytesOf } from '../../decoders/index.js'
import { createComputeLimiter } from '../../engines/compute-limiter.js'
import { memoryCeiling, memoryPerWorker } from '../../engines/memory-budget.js'
import type { Compute, Decoder } from '../../image/types.js'
import type { FastCodec } from '../../codec/types.js'
import { readClock } from '../../utils/clock.js'

/** Cores, memory and decoders, which everything that a server makes shares. */
export interface Machine {
  readonly decoders: readonly Decoder[]
  readonly fastCodec: FastCodec
  readonly compute: Compute
  /** Returns the bytes that one image may take. */
  readonly availableMemory: () => number
}

/** Creates the machine of a server. */
export function createMachine({ concurrency }: { readonly concurrency: number }): Machine {
  const bytes = memoryPerWorker(undefined, 0)
  const decoders = decodersFor(bytes)
  const retainedBytes = () => retainedBytesOf([...decoders, fastCodec, modelMemory])
  const compute = createComputeLimiter({ slots: concurrency, bytes, retainedBytes })
  return { decoders, fastCodec, compute, availableMemory: createMemoryReader() }
}

/** Milliseconds that the available memory is taken as unchanged: asking for it takes longer than a small step of an image. */
const MEMORY_AGE = 1000

function createMemoryReader(): () => number {
  let asked = -Infinity
  let bytes = 0
  return () => {
    if (readClock() - asked > MEMORY_AGE) {
      asked = readClock()
      bytes = memoryCeiling(undefined)
    }
    return bytes
  }
}
