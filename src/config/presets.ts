import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { PACKAGE_ROOT } from '../utils/package-root.js'
import type { PresetRecipe } from '../plan/types.js'
import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { parseOps } from '../operations/parse-operations.js'
import { createConfigError } from './errors.js'
import { presetSchema, type Config, type Preset } from './schema.js'

/** What the `format` operation accepts. */
export type FormatInput = NonNullable<ImageOp['format']>

/** A preset and where it comes from. */
export interface PresetListing {
  readonly origin: 'shipped' | 'config'
  readonly preset: PresetRecipe
}

/** Where presets are looked up: the part of a config that holds them. */
export type PresetSource = Pick<Config, 'presets'>

const FOLDER = new URL('presets/', PACKAGE_ROOT)
let shipped: ReadonlyMap<string, Preset> | undefined

/** The presets that come with imgproc, read once. */
export function shippedPresets(): ReadonlyMap<string, Preset> {
  return (shipped ??= new Map(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith('.json'))
      .toSorted()
      .map((file) => {
        const content: unknown = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
        return [basename(file, '.json'), presetSchema.parse(content)]
      }),
  ))
}

/** The names of all presets, the config's first. */
export function presetNames(config: PresetSource): readonly string[] {
  return [...new Set([...Object.keys(config.presets ?? {}), ...shippedPresets().keys()])]
}

/** What to say of a preset that isn't there. */
export function explainUnknownPreset(name: string, names: readonly string[]): string {
  return `There is no preset "${name}".${didYouMean(name, names)} There are ${names.toSorted().join(', ')}.`
}

/**
 * The preset of a name, with everything that it extends.
 * Throws UNKNOWN_PRESET, INVALID_CONFIG where presets extend one another in a circle, and what parseOps throws.
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
    ...(analyze?.length ? { analyze } : {}),
  }
}

/** Every preset, sorted by name, and where it comes from. */
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

/** A preset and all that it extends, the child first. */
function findChain(
  name: string,
  config: PresetSource,
  below: readonly ChainLink[] = [],
): readonly ChainLink[] {
  const mine = ownPreset(name, config)
  // A preset that extends its own name builds on the shipped one that it hides.
  const preset = mine !== undefined && mine !== below.at(-1)?.preset ? mine : shippedPresets().get(name)
  const chain = [...below.map((link) => link.name), name]
  if (below.some((link) => link.preset === (preset ?? mine))) {
    throw createConfigError(
      `presets extend one another in a circle: ${chain.join(' → ')}; take one extends out`,
    )
  }
  if (preset === undefined) {
    throw new ImgprocError('UNKNOWN_PRESET', explainUnknownPreset(name, presetNames(config)), {
      stage: 'config',
    })
  }
  const links = [...below, { name, preset }]
  return preset.extends === undefined ? links : findChain(preset.extends, config, links)
}

/** The child's keys win, whole. */
function mergePresets(chain: readonly ChainLink[]): Preset {
  const entries = chain.toReversed().flatMap(({ preset }) => Object.entries(preset))
  // A key that a script left undefined is not set: it must not hide the parent's.
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function parseFormat(value: unknown): readonly FormatInput[] {
  return parseOps([{ format: value }]).flatMap(({ format }) => format ?? [])
}

/** The config's own preset: `toString` and the like are none. */
function ownPreset(name: string, config: PresetSource): Preset | undefined {
  return config.presets !== undefined && Object.hasOwn(config.presets, name)
    ? config.presets[name]
    : undefined
}
