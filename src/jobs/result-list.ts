import type { Job, Result } from './types.js'

/** The results of a run, in the order in which they were added. */
export interface ResultList extends Iterable<Result> {
  add(result: Result): void
}

const BLOCK_BYTES = 1 << 20
const NEWLINE = 0x0a

/**
 * Creates an empty list. It keeps results as JSON in blocks of bytes, outside the JavaScript heap: about 300 bytes each
 * instead of 1000, which the garbage collector need not visit. Each iteration parses them again.
 */
export function createResultList(): ResultList {
  const jobs: Job[] = []
  const full: Buffer[] = []
  let block = Buffer.allocUnsafe(BLOCK_BYTES)
  let used = 0
  return {
    add({ job, ...result }) {
      const line = Buffer.from(`${JSON.stringify(result)}\n`)
      if (used + line.length > block.length) {
        full.push(block.subarray(0, used))
        block = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, line.length))
        used = 0
      }
      line.copy(block, used)
      used += line.length
      jobs.push(job)
    },
    *[Symbol.iterator]() {
      let index = 0
      for (const bytes of [...full, block.subarray(0, used)]) {
        for (let start = 0; start < bytes.length;) {
          const end = bytes.indexOf(NEWLINE, start)
          const result = JSON.parse(bytes.toString('utf8', start, end)) as Omit<Result, 'job'>
          yield { ...result, job: jobs[index++]! }
          start = end + 1
        }
      }
    },
  }
}
