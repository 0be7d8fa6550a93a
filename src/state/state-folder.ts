import { nameOf, type Shard } from '../plan/shard.js'

/**
 * Returns the folder for source index, journal and lock. It may be deleted. Each shard has its own, since shards may run
 * at the same time.
 */
export function stateFolder(out: string, shard: Shard | undefined): string {
  return shard === undefined ? `${out}/.imgproc` : `${out}/.imgproc/${nameOf(shard)}`
}
