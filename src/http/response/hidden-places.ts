import type { ResolvedOptions } from '../types.js'
import type { Replacements } from './problem.js'

/** Returns the locations that a client must not see, the longest first, since one may lie in another. */
export function hiddenPlaces({
  sources,
  store,
  root,
}: Pick<ResolvedOptions, 'sources' | 'store' | 'root'>): Replacements {
  const mounted = [...sources].map(([name, place]) => [place, `/${name}`] as const)
  const own = [
    [store, 'the store'],
    [root, '.'],
  ] as const
  return [...mounted, ...own].toSorted(([a], [b]) => b.length - a.length)
}
