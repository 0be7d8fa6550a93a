import type { FindRegions, OpenImage } from '../../image/open-image.js'
import { loadAnalyzers, type CustomAnalyzers } from '../load-analyzers.js'
import { analyze } from '../run-analyzers.js'
import type { Analyzer } from '../types.js'
import { regionsOf } from './regions-of.js'

/** Runs one analyzer. Throws its error. */
async function findOne(image: OpenImage, analyzer: Analyzer): Promise<unknown> {
  const { analysis, errors } = await analyze(image, [analyzer])
  const [failed] = errors
  if (failed !== undefined) throw failed.error
  return analysis[analyzer.name]
}

/** Findings about images, each found once. */
export interface Finder {
  /** Returns the finding of an analyzer. Throws its error, and INVALID_CONFIG if it cannot run. */
  readonly find: (name: string, image: OpenImage) => Promise<unknown>
  readonly findRegions: FindRegions
}

/**
 * Creates a finder, for single images.
 *
 * @param custom analyzers that take precedence over those included.
 * @param root folder that their modules are relative to.
 */
export function createFinder(custom: CustomAnalyzers, root: string): Finder {
  const known = new WeakMap<Uint8Array, Map<string, Promise<unknown>>>()
  const run = async (name: string, image: OpenImage) => {
    const [analyzer] = await loadAnalyzers([name], custom, root)
    return findOne(image, analyzer!)
  }
  const find = async (name: string, image: OpenImage) => {
    const findings = known.get(image.bytes) ?? new Map<string, Promise<unknown>>()
    known.set(image.bytes, findings)
    const finding = findings.get(name) ?? run(name, image)
    findings.set(name, finding)
    return finding
  }
  return { find, findRegions: async (what, image) => regionsOf(what, await find(what, image)) }
}
