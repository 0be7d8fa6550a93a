import { stat as statWithCallback, statSync, type Stats } from 'node:fs'
import { promisify } from 'node:util'

/** The promises of node:fs/promises cost twice as much. */
const statInThread = promisify(statWithCallback)

/** Milliseconds. A local disk answers within a hundredth of it, a file server takes longer. */
const QUICK = 0.25
/** Of so many questions to a slow disk one is asked without a thread, to see whether it is still slow. */
const PROBE = 256

let usual = 0
let asked = 0

/**
 * What a disk says of a file. While it answers quickly it is asked right here: a trip through the thread pool takes ten
 * times as long as the answer, which tells where a run asks after every output. A slow one is asked in threads, so that
 * many questions wait together.
 */
export async function statFile(path: string): Promise<Stats> {
  if (usual > QUICK && ++asked % PROBE !== 0) return statInThread(path)
  const started = performance.now()
  try {
    return statSync(path)
  } finally {
    // One pause of this process says little about the disk.
    usual = usual * 0.9 + Math.min(performance.now() - started, QUICK * 2) * 0.1
  }
}
