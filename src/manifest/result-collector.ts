import { createResultCodec } from '../jobs/result-codec.js'
import type { Result } from '../jobs/types.js'
import { compareResults, type OrderedResult, type SortedResults } from './merge-results.js'
import { createSortedSpool } from '../utils/spool/sorted-spool.js'

/** Collects results, which may be more than fit into memory, for a manifest. */
export interface ResultCollector extends SortedResults {
  readonly length: number
  readonly add: (result: Result) => void
}

/** Creates a collector. All results are added before any is read. */
export function createResultCollector(): ResultCollector {
  const { encode, decode } = createResultCodec()
  const codec = {
    encode: ({ result, order }: OrderedResult) => `${order} ${encode(result)}`,
    decode(text: string): OrderedResult {
      const space = text.indexOf(' ')
      return { order: Number(text.slice(0, space)), result: decode(text.slice(space + 1)) }
    },
  }
  const spool = createSortedSpool(codec, compareResults)
  return {
    get length() {
      return spool.length
    },
    add: (result) => spool.add({ result, order: spool.length }),
    [Symbol.iterator]: () => spool[Symbol.iterator](),
  }
}
