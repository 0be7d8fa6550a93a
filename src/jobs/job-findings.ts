import { ImgprocError } from '../errors.js'
import type { Analysis } from '../analyzers/analysis.js'
import { analyze, type Analyzed } from '../analyzers/run-analyzers.js'
import type { Analyzer } from '../analyzers/types.js'
import { regionsOf } from '../analyzers/vision/regions-of.js'
import type { FindRegions, OpenImage } from '../image/open-image.js'
import type { Job } from './types.js'

/** Findings about a job's source. Each analyzer runs once: for renditions that use its finding, or after them. */
export interface JobFindings {
  /** Returns the finding of an analyzer, from an earlier run if it is known. Throws the error of the analyzer. */
  readonly find: (name: string, image: OpenImage) => Promise<unknown>
  readonly findRegions: FindRegions
  /** Returns the findings of all analyzers that the job names. */
  readonly findAll: (image: OpenImage) => Promise<Analyzed>
}

/** Creates the findings of a job. */
export function createJobFindings(
  { analyze: names, known = {} }: Pick<Job, 'analyze' | 'known'>,
  analyzers: ReadonlyMap<string, Analyzer> = new Map(),
): JobFindings {
  const begun = new Map<string, Promise<Analyzed>>()
  const find = async (name: string, image: OpenImage) => {
    if (name in known) return known[name]
    const analyzer = analyzers.get(name)
    if (analyzer === undefined) throw createUnplannedError(name)
    const work = begun.get(name) ?? analyze(image, [analyzer])
    begun.set(name, work)
    const { analysis, errors } = await work
    const [failed] = errors
    if (failed !== undefined) throw failed.error
    return analysis[name]
  }
  return {
    find,
    findRegions: async (what, image) => regionsOf(what, await find(what, image)),
    async findAll(image) {
      const rest = names.flatMap((name) => (begun.has(name) ? [] : (analyzers.get(name) ?? [])))
      // Together, because they share a preview.
      const parts = await Promise.all([...begun.values(), ...(rest.length > 0 ? [analyze(image, rest)] : [])])
      const all: Record<string, unknown> = Object.assign({}, ...parts.map(({ analysis }) => analysis))
      const analysis = Object.fromEntries(
        names.flatMap((name) => (name in all ? [[name, all[name]]] : [])),
      ) as Analysis
      return { analysis, errors: parts.flatMap(({ errors }) => errors) }
    },
  }
}

function createUnplannedError(name: string): ImgprocError {
  return new ImgprocError('INTERNAL', `The plan lacks the analyzer "${name}", which an operation needs.`)
}
