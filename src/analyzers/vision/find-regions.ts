import type { FindRegions, OpenImage } from '../../image/open-image.js'
import { loadAnalyzers, type CustomAnalyzers } from '../load-analyzers.js'
import { analyze } from '../run-analyzers.js'
import type { Analyzer } from '../types.js'
import { regionsOf } from './regions-of.js'

/** Runs one analyzer. Throws its error. */
export async function findOne(image: OpenImage, analyzer: Analyzer): Promise<unknown> {
  const { analysis, errors } = await analyze(image, [analyzer])
  const [failed] = errors
  if (failed !== undefined) throw failed.error
  return analysis[analyzer.name]
}

/**
 * Creates a function that finds regions by the analyzers of their name, once for each image.
 *
 * @param custom analyzers that take precedence over those included.
 * @param root folder that their modules are relative to.
 */
export function createRegionFinder(custom: CustomAnalyzers, root: string): FindRegions {
  const known = new WeakMap<Uint8Array, Map<string, Promise<unknown>>>()
  const find = async (what: string, image: OpenImage) => {
    const [analyzer] = await loadAnalyzers([what], custom, root)
    return findOne(image, analyzer!)
  }
  return async (what, image) => {
    const findings = known.get(image.bytes) ?? new Map<string, Promise<unknown>>()
    known.set(image.bytes, findings)
    const finding = findings.get(what) ?? find(what, image)
    findings.set(what, finding)
    return regionsOf(what, await finding)
  }
}
