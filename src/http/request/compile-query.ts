import { LRUCache } from 'lru-cache'
import { resolvePreset } from '../../config/presets.js'
import { modelsInUse } from '../../analyzers/vision/models-in-use.js'
import type { PresetRecipe } from '../../plan/types.js'
import { hashRecipe } from '../../plan/recipe-hash.js'
import type { ResolvedOptions } from '../types.js'
import { composeRecipe, type AskedRendition, type Conditions } from './compose-recipe.js'
import { checkOnlyPresets } from './only-presets.js'
import { parseQuery } from './query-parameters.js'
import { readQuery, type Query } from './query.js'

/** A rendition that a query asks for, and its hash. */
export interface CompiledRendition extends AskedRendition {
  /** Covers everything but the source that can change a byte of the picture. */
  readonly hash: string
}

/** A query that was parsed. */
export interface CompiledQuery {
  /** True if it asks for the file itself. */
  readonly isEmpty: boolean
  /** True if the picture depends on the client's formats. */
  readonly usesAccept: boolean
  /** True if the picture depends on client hints. */
  readonly usesHints: boolean
  /** Returns the rendition for a client. */
  resolve(conditions: Conditions): CompiledRendition
}

/** Conditions of a client of which nothing is known. */
export const UNKNOWN_CLIENT: Conditions = {
  accepted: 'basic',
  dpr: undefined,
  width: undefined,
  viewportWidth: undefined,
}

const MAX_QUERIES = 1000
/** Renditions of one query: four kinds of clients, and the steps of client hints. */
const MAX_RENDITIONS = 100

/**
 * Creates a compiler of queries. It keeps the last ones, since a site asks for few recipes of many pictures, and parsing takes
 * longer than a result from memory.
 */
export function createQueryCompiler(
  options: Pick<ResolvedOptions, 'presets' | 'onlyPresets' | 'failOn' | 'jxl' | 'analyzers'>,
): (query: string) => CompiledQuery {
  const { failOn } = options
  const models = modelsInUse(options.analyzers)
  const presets = new Map<string, PresetRecipe>()
  const find = (name: string): PresetRecipe => {
    const preset = presets.get(name) ?? resolvePreset(name, { presets: options.presets as PresetsOfConfig })
    presets.set(name, preset)
    return preset
  }
  const compiled = new LRUCache<string, CompiledQuery>({ max: MAX_QUERIES })
  return (text) => {
    const known = compiled.get(text)
    if (known !== undefined) return known
    const query = readQuery(parseQuery(text))
    if (options.onlyPresets) checkOnlyPresets(query, find)
    const made = compile(query, (conditions) => {
      const asked = withAllowedChoice(composeRecipe(query, find, conditions), options.jxl)
      return {
        ...asked,
        hash: `${hashRecipe(asked.ops, { failOn, models, whenUnsafe: asked.whenUnsafe })}${asked.choice ?? ''}`,
      }
    })
    compiled.set(text, made)
    return made
  }
}

/** The choice among formats falls on JPEG XL only if the config allows it; a preset that lists it has its own word. */
function withAllowedChoice(asked: AskedRendition, allowsJxl: boolean): AskedRendition {
  return asked.choice === 'jxl' && !allowsJxl ? { ...asked, choice: 'avif' } : asked
}

type PresetsOfConfig = Parameters<typeof resolvePreset>[1]['presets']

function compile(
  { steps, dpr }: Query,
  compose: (conditions: Conditions) => CompiledRendition,
): CompiledQuery {
  // Mistakes of the query are found now.
  const plain = compose(UNKNOWN_CLIENT)
  const usesHints = dpr === 'auto' || steps.some((step) => step.kind === 'width' && step.width === 'auto')
  const { usesAccept } = plain
  const isFixed = !usesAccept && !usesHints
  const known = new LRUCache<string, CompiledRendition>({ max: MAX_RENDITIONS })
  return {
    isEmpty: steps.length === 0 && dpr === undefined,
    usesAccept,
    usesHints,
    resolve(conditions) {
      if (isFixed) return plain
      const { accepted, dpr: density, width, viewportWidth } = conditions
      const key = `${accepted} ${density} ${width} ${viewportWidth}`
      const found = known.get(key) ?? compose(conditions)
      known.set(key, found)
      return found
    },
  }
}
