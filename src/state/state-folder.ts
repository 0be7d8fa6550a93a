import { nameOf, type Shard } from '../plan/shard.js'

/**
 * The folder of what is only the tool's: what was seen, journal, lock. It may be deleted. Each shard of a run has one of
 * its own, since they may go at once.
 */
export function stateFolder(out: string, shard: Shard | undefined): string {
  return shard === undefined ? `${out}/.imgproc` : `${out}/.imgproc/${nameOf(shard)}`
}
