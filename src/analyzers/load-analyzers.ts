import type { Analyzer } from './types.js'
import { exportsOf, importModule } from '../utils/import-module.js'
import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'
import * as registry from './registry.js'

/** Analyzers that come with imgproc, in the order of their names. */
export const builtInAnalyzers: readonly Analyzer[] = Object.values(registry)

/** A user's own by name: the module that exports it (a path relative to the root, or a package), or the analyzer. */
export type CustomAnalyzers = Readonly<Record<string, string | Analyzer>>

const EXAMPLE =
  "export default { name: 'frames', summary: 'How many frames.', analyze: (image, { metadata }) => metadata.pages ?? 1 }"

/**
 * The analyzers of some names, each once; a user's own win over those of the same name that come with imgproc.
 * Throws INVALID_CONFIG where a name or module isn't there, fails to load, or is no analyzer.
 *
 * @example
 * ```ts
 * const analyzers = await loadAnalyzers(['thumbhash', 'faces'], { faces: './analyzers/faces.ts' }, '/project')
 * ```
 */
export async function loadAnalyzers(
  names: readonly string[],
  custom: CustomAnalyzers,
  root: string,
): Promise<Analyzer[]> {
  return Promise.all(Array.from(new Set(names), (name) => loadAnalyzer(name, custom, root)))
}

async function loadAnalyzer(name: string, custom: CustomAnalyzers, root: string): Promise<Analyzer> {
  const own = Object.hasOwn(custom, name) ? custom[name] : undefined
  const builtIn = builtInAnalyzers.find((analyzer) => analyzer.name === name)
  if (own === undefined && builtIn !== undefined) return builtIn
  if (own === undefined) throw createUnknownAnalyzerError(name, Object.keys(custom))
  const found = typeof own === 'string' ? await loadExport(name, own, root) : own
  if (isAnalyzer(found)) return rename(found, name)
  const where = typeof own === 'string' ? `${own} exports` : 'what is registered is'
  throw createAnalyzerError(
    name,
    `${where} no analyzer, an object with a function analyze. The shortest one: ${EXAMPLE}`,
  )
}

async function loadExport(name: string, specifier: string, root: string): Promise<unknown> {
  const module = await importModule(specifier, root, ({ problem, cause }) =>
    createAnalyzerError(name, problem, cause),
  )
  return exportsOf(module, name).find(isAnalyzer)
}

function isAnalyzer(value: unknown): value is Analyzer {
  return (
    typeof value === 'object' && value !== null && 'analyze' in value && typeof value.analyze === 'function'
  )
}

/** Under the name that it is registered by, whatever it calls itself. */
function rename(analyzer: Analyzer, name: string): Analyzer {
  const { summary } = analyzer
  return { name, summary, analyze: (image, context) => analyzer.analyze(image, context) }
}

function createUnknownAnalyzerError(name: string, own: readonly string[]): ImgprocError {
  const known = [...new Set([...builtInAnalyzers.map((analyzer) => analyzer.name), ...own])]
  const advice = `There are ${known.join(', ')}. Register your own under analyzers in the config.`
  const message = `There is no analyzer "${name}".${didYouMean(name, known)} ${advice}`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}

function createAnalyzerError(name: string, problem: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_CONFIG', `The analyzer "${name}": ${problem}`, { stage: 'config', cause })
}
