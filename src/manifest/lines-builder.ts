import { createByteSpool } from '../utils/spool/byte-spool.js'
import { inPages } from '../utils/spool/bytes.js'
import type { ManifestLines } from './line-index.js'
import type { ManifestHead } from './types.js'

/** Collects the lines of a manifest, which may be more than fit into memory. */
export interface LinesBuilder {
  /** Adds an entry's line behind the others. */
  readonly add: (line: string) => void
  readonly finish: () => ManifestLines
}

/** Characters that are encoded together. */
const BLOCK = 64 * 1024

export function createLinesBuilder(head: ManifestHead): LinesBuilder {
  const bytes = createByteSpool()
  const [starts, ends]: [number[], number[]] = [[], []]
  let waiting = ''
  let length = 0
  const flush = () => {
    bytes.append(waiting)
    waiting = ''
  }
  return {
    add(line) {
      starts.push(length)
      length += Buffer.byteLength(line)
      ends.push(length)
      waiting += line
      if (waiting.length > BLOCK) flush()
    },
    finish() {
      flush()
      return { head, bytes: inPages(bytes), isFile: false, starts, ends }
    },
  }
}
