import type { Analyzer } from './types.js'
import { exportsOf, importModule } from '../utils/import-module.js'
import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'
import * as registry from './registry.js'
import * as vision from './vision/registry.js'
import * as rekognition from './vision/rekognition/registry.js'

/** Analyzers included in imgproc that need nothing else, sorted by name. */
export const builtInAnalyzers: readonly Analyzer[] = Object.values(registry)

/** Analyzers included in imgproc that need packages of their own, sorted by name. Only those that are named are run. */
export const visionAnalyzers: readonly Analyzer[] = Object.values(vision)

/** Analyzers that ask Amazon Rekognition, if a config names that instead of a module. */
const cloudAnalyzers: readonly Analyzer[] = Object.values(rekognition)
const CLOUD = 'rekognition'

const included = [...builtInAnalyzers, ...visionAnalyzers]

/**
 * Custom analyzers by name: an analyzer, a module that exports one (a path relative to the root, or a package), or
 * `rekognition` for faces, objects and moderation by Amazon Rekognition.
 */
export type CustomAnalyzers = Readonly<Record<string, string | Analyzer>>

const EXAMPLE =
  "export default { name: 'frames', summary: 'Number of frames.', analyze: (image, { metadata }) => metadata.pages ?? 1 }"

/**
 * Returns the named analyzers without duplicates. Custom analyzers take precedence over included ones.
 * Throws INVALID_CONFIG if a name is unknown, or a module is missing, fails to load or exports no analyzer.
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
  const builtIn = included.find((analyzer) => analyzer.name === name)
  if (own === undefined && builtIn !== undefined) return ready(builtIn)
  if (own === undefined) throw createUnknownAnalyzerError(name, Object.keys(custom))
  const cloud = findCloudAnalyzer(name, own)
  if (cloud !== undefined) return cloud
  const found = typeof own === 'string' ? await loadExport(name, own, root) : own
  if (isAnalyzer(found)) return rename(found, name)
  const where = typeof own === 'string' ? `${own} exports` : 'the registered value is'
  throw createAnalyzerError(
    name,
    `${where} no analyzer (an object with an analyze function). Minimal example: ${EXAMPLE}`,
  )
}

/** Returns the analyzer of the cloud, if a config chooses it. Throws INVALID_CONFIG for a name that it does not have. */
export function findCloudAnalyzer(name: string, own: CustomAnalyzers[string]): Analyzer | undefined {
  if (own !== CLOUD) return undefined
  const cloud = cloudAnalyzers.find((analyzer) => analyzer.name === name)
  if (cloud !== undefined) return cloud
  const names = cloudAnalyzers.map((analyzer) => analyzer.name).join(', ')
  throw createAnalyzerError(
    name,
    `rekognition has only ${names}. Use one of these names, or the path of a module.`,
  )
}

/** Returns an included analyzer that can run here. */
function ready(analyzer: Analyzer): Analyzer {
  try {
    analyzer.check?.()
    return analyzer
  } catch (cause) {
    throw createAnalyzerError(analyzer.name, cause instanceof Error ? cause.message : String(cause), cause)
  }
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

/** Returns the analyzer under its registered name. Calls it as a method, which class instances need. */
function rename(analyzer: Analyzer, name: string): Analyzer {
  const { summary, model } = analyzer
  return {
    name,
    summary,
    ...(model !== undefined && { model }),
    analyze: (image, context) => analyzer.analyze(image, context),
  }
}

function createUnknownAnalyzerError(name: string, own: readonly string[]): ImgprocError {
  const known = [...new Set([...included.map((analyzer) => analyzer.name), ...own])]
  const advice = `Available analyzers: ${known.join(', ')}. Register your own under analyzers in the config.`
  const message = `There is no analyzer "${name}".${didYouMean(name, known)} ${advice}`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}

function createAnalyzerError(name: string, problem: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_CONFIG', `The analyzer "${name}": ${problem}`, { stage: 'config', cause })
}
