import { LRUCache } from 'lru-cache'
import type { Finder } from '../../analyzers/vision/finder.js'
import { regionsOf } from '../../analyzers/vision/regions-of.js'
import type { OpenImage } from '../../image/open-image.js'

/** Findings about one source, by the names of the analyzers. */
type Findings = Map<string, Promise<unknown>>

/** Sources whose findings are remembered. A hundred faces take about 10 kB. */
const MAX_SOURCES = 1000

/**
 * Creates a finder for each source, which remembers findings for later requests: a model looks at a photo once, whatever
 * widths of it are asked for, and however many requests wait. Failures are not remembered.
 *
 * @param finder finds what is not remembered.
 * @param maxSources sources to remember; the ones unused for longest are forgotten.
 * @returns a function that takes the hash of one content of a source, or undefined if the content cannot be told from a
 * later one: then nothing is remembered.
 */
export function createSourceFindings(
  finder: Finder,
  maxSources = MAX_SOURCES,
): (content: string | undefined) => Finder {
  const known = new LRUCache<string, Findings>({ max: maxSources })
  return (content) => {
    if (content === undefined) return finder
    const find = async (name: string, image: OpenImage) => {
      const findings = known.get(content) ?? new Map<string, Promise<unknown>>()
      known.set(content, findings)
      return findShared(findings, name, () => finder.find(name, image))
    }
    return { find, findRegions: async (what, image) => regionsOf(what, await find(what, image)) }
  }
}

/**
 * Returns the finding of another request, or starts the search. If the other request fails, perhaps because its client has
 * gone, this one searches itself.
 */
async function findShared(findings: Findings, name: string, start: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    const other = findings.get(name)
    if (other === undefined) {
      const own = start()
      findings.set(name, own)
      return own.catch((error: unknown) => {
        findings.delete(name)
        throw error
      })
    }
    const found = await other.then(
      (finding) => ({ finding }),
      () => undefined,
    )
    if (found !== undefined) return found.finding
  }
}
