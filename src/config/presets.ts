import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { PACKAGE_ROOT } from '../utils/package-root.js'
import type { PresetRecipe } from '../plan/types.js'
import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'
import { once } from '../utils/once.js'
import { toList } from '../utils/to-list.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { parseOps } from '../operations/parse-operations.js'
import { createConfigError } from './errors.js'
import { presetSchema, type Config, type Preset } from './schema.js'

/** Input of the `format` operation. */
export type FormatInput = NonNullable<ImageOp['format']>

/** A preset and its origin. */
export interface PresetListing {
  readonly origin: 'shipped' | 'config'
  readonly preset: PresetRecipe
}

/** The part of a config that holds presets. */
export type PresetSource = Pick<Config, 'presets'>

const FOLDER = new URL('presets/', PACKAGE_ROOT)
const shipped = new Map<string, Preset>()

/** Returns the names of the presets included in imgproc, sorted. */
export const shippedNames = once((): readonly string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .toSorted(),
)

/** Returns a preset included in imgproc; undefined if none has this name. Reads it once. */
export function shippedPreset(name: string): Preset | undefined {
  const known = shipped.get(name)
  if (known !== undefined || !shippedNames().includes(name)) return known
  const preset = presetSchema().parse(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')))
  shipped.set(name, preset)
  return preset
}

/** Returns the names of all presets, the config's first. */
export function presetNames(config: PresetSource): readonly string[] {
  return [...new Set([...Object.keys(config.presets ?? {}), ...shippedNames()])]
}

/** Returns the message for an unknown preset. */
export function explainUnknownPreset(name: string, names: readonly string[]): string {
  return `There is no preset "${name}".${didYouMean(name, names)} Available presets: ${names.toSorted().join(', ')}.`
}

/**
 * Returns a preset with the keys it inherits. Throws UNKNOWN_PRESET, UNKNOWN_OPERATION or INVALID_OPERATION, and
 * INVALID_CONFIG if presets extend each other in a cycle.
 *
 * @example
 * ```ts
 * resolvePreset('thumb', {}) // { name: 'thumb', ops: [{ thumbnail: '100x100' }] }
 * ```
 */
export function resolvePreset(name: string, config: PresetSource): PresetRecipe {
  const {
    ops = [],
    widths,
    formats,
    after,
    path,
    skipSmaller,
    whenUnsafe,
    analyze,
  } = mergePresets(findChain(name, config))
  const at = `presets.${name}`
  return {
    name,
    ops: parseOps(ops, `${at}.ops`),
    ...(widths?.length ? { widths } : {}),
    ...(formats?.length ? { formats: formats.flatMap(parseFormat) } : {}),
    ...(after?.length ? { after: parseOps(after, `${at}.after`) } : {}),
    ...(path === undefined ? {} : { path }),
    ...(skipSmaller === undefined ? {} : { skipSmaller }),
    ...(whenUnsafe === undefined ? {} : { whenUnsafe }),
    ...(analyze?.length ? { analyze } : {}),
  }
}

/** Returns all presets and their origins, sorted by name. */
export function listPresets(config: PresetSource): readonly PresetListing[] {
  return presetNames(config)
    .toSorted()
    .map((name) => ({
      origin: ownPreset(name, config) === undefined ? 'shipped' : 'config',
      preset: resolvePreset(name, config),
    }))
}

interface ChainLink {
  readonly name: string
  readonly preset: Preset
}

/**
 * Returns a preset and its ancestors, the preset first.
 *
 * @param below the presets that lead to it, each extending the next.
 */
function findChain(
  name: string,
  config: PresetSource,
  below: readonly ChainLink[] = [],
): readonly ChainLink[] {
  const mine = ownPreset(name, config)
  // A preset that extends its own name inherits from the shipped preset of that name.
  const preset = mine !== undefined && mine !== below.at(-1)?.preset ? mine : shippedPreset(name)
  const chain = [...below.map((link) => link.name), name]
  if (below.some((link) => link.preset === (preset ?? mine))) {
    throw createConfigError(`presets extend each other in a cycle: ${chain.join(' → ')}; remove one extends`)
  }
  if (preset === undefined) {
    throw new ImgprocError('UNKNOWN_PRESET', explainUnknownPreset(name, presetNames(config)), {
      stage: 'config',
    })
  }
  const link = { name, preset }
  // The last parent comes first, since it wins over those before it.
  const parents = toList(preset.extends).toReversed()
  return [link, ...parents.flatMap((parent) => findChain(parent, config, [...below, link]))]
}

/** Merges presets key by key. The values of children replace those of parents. */
function mergePresets(chain: readonly ChainLink[]): Preset {
  const entries = chain.toReversed().flatMap(({ preset }) => Object.entries(preset))
  // In scripts, a key can be undefined. It must not replace the parent's value.
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function parseFormat(value: unknown): readonly FormatInput[] {
  return parseOps([{ format: value }]).flatMap(({ format }) => format ?? [])
}

/** Returns a preset of the config, ignoring inherited properties such as `toString`. */
function ownPreset(name: string, config: PresetSource): Preset | undefined {
  return config.presets !== undefined && Object.hasOwn(config.presets, name)
    ? config.presets[name]
    : undefined
}
