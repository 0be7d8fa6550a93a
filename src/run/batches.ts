import { resolvePreset, type PresetSource } from '../config/presets.js'
import { CONFIG_KEYS } from '../config/schema.js'
import { parseConfig } from '../config/validate-config.js'
import { OPS_PRESET } from '../plan/ops-preset.js'
import type { PresetRecipe } from '../plan/types.js'
import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { parseOps, readOps } from '../operations/parse-operations.js'
import { toList } from '../utils/to-list.js'
import type { BatchOptions } from './options.js'
import { withFileFormat } from './out-file.js'
import type { Batch } from './types.js'

/** Options that a config file may hold too, and that are validated as such. Modules and stores are loaded elsewhere. */
const OPTIONS: ReadonlySet<string> = new Set(
  CONFIG_KEYS.filter((key) => !['$schema', 'analyzers', 'operations', 'stores'].includes(key)),
)

/**
 * Returns the batches of a run: its inputs with its presets and operations, or else the config's batches.
 *
 * @throws ImgprocError INVALID_USAGE if there is nothing to make or nothing to make it of; INVALID_CONFIG,
 * INVALID_OPERATION, UNKNOWN_OPERATION or UNKNOWN_PRESET if an option is wrong.
 */
export function toBatches(options: BatchOptions): Batch[] {
  const { inputs, preset = [], pathForAll } = options
  const {
    presets,
    batches = [],
    path,
    base,
    ignore = [],
    out = 'out',
  } = parseConfig(pickConfig(options), { label: 'options' })
  const recipesOf = (names: readonly string[]) => toRecipes(names, { presets }, options)
  if (inputs !== undefined) {
    const listed = toList(inputs)
    if (listed.length === 0 && options.allowEmpty !== true)
      throw createUsageError(
        'The list of inputs is empty. Name inputs, or accept none with allowEmpty (--allow-empty).',
      )
    const recipes = recipesOf(toList(preset))
    return [{ inputs: listed, presets: recipes, path: pathForAll, defaultPath: path, base, ignore, out }]
  }
  if (preset.length > 0)
    throw createUsageError('A preset is named, but no inputs. Name some, such as "photos/**".')
  if (batches.length === 0) {
    throw createUsageError(
      'There is nothing to do. Name inputs, such as "photos/**", or put batches into the config.',
    )
  }
  return batches.map((batch) => ({
    inputs: toList(batch.inputs),
    presets: recipesOf(toList(batch.presets)),
    path: pathForAll ?? batch.path,
    defaultPath: path,
    base: batch.base ?? base,
    ignore: [...ignore, ...(batch.ignore ?? [])],
    out: batch.out ?? out,
  }))
}

function pickConfig(options: BatchOptions): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => OPTIONS.has(key)))
}

/** Returns the recipe of each preset, with the operations and settings of the run applied. */
function toRecipes(names: readonly string[], config: PresetSource, options: BatchOptions): PresetRecipe[] {
  const { ops = [], widths, formats, quality, analyze = [] } = options
  parseOps(ops)
  const made: PresetRecipe[] =
    names.length > 0 ? [...new Set(names)].map((name) => resolvePreset(name, config)) : [fromOps(options)]
  return made.map((recipe) => {
    const replaced = replaceFormats(
      {
        ...recipe,
        ...(widths !== undefined && { widths }),
        ...(analyze.length > 0 && { analyze: [...(recipe.analyze ?? []), ...analyze] }),
      },
      names.length > 0 ? ops : [],
      formats,
    )
    const formatted = withFileFormat(replaced, options)
    return quality === undefined ? formatted : setQuality(formatted, quality)
  })
}

function fromOps({ ops = [], widths, formats, outFile }: BatchOptions): PresetRecipe {
  if (ops.length > 0 || widths !== undefined || formats !== undefined || outFile !== undefined) {
    return {
      name: OPS_PRESET,
      ops,
      path: widths === undefined ? '{dir}/{name}.{ext}' : '{dir}/{name}-{width}w.{ext}',
    }
  }
  throw createUsageError(
    'There is nothing to make. Name a preset (--preset thumb) or operations (--thumbnail 100).',
  )
}

/** Appends operations. A format among them, or a list of formats, replaces the preset's. */
function replaceFormats(
  recipe: PresetRecipe,
  ops: readonly ImageOp[],
  formats: PresetRecipe['formats'],
): PresetRecipe {
  const isReplaced = formats !== undefined || ops.some(isFormat)
  if (!isReplaced) return { ...recipe, ops: [...recipe.ops, ...ops] }
  const { formats: _, after, ...rest } = recipe
  return {
    ...rest,
    ops: [...recipe.ops.filter((op) => !isFormat(op)), ...ops],
    ...(after !== undefined && { after: after.filter((op) => !isFormat(op)) }),
    ...(formats !== undefined && { formats }),
  }
}

function isFormat(op: ImageOp): boolean {
  return op.format !== undefined
}

function setQuality(recipe: PresetRecipe, quality: number | 'auto'): PresetRecipe {
  const { formats, ops } = recipe
  if (formats === undefined && !ops.some(isFormat)) {
    throw createUsageError(
      "A quality needs a format, but each output keeps its source's format. Name one, such as --format webp.",
    )
  }
  return {
    ...recipe,
    ops: ops.map((op) => (op.format === undefined ? op : { format: withQuality(op.format, quality) })),
    ...(formats !== undefined && { formats: formats.map((format) => withQuality(format, quality)) }),
  }
}

/** Sets the quality of a format, in any of its spellings. */
function withQuality(
  format: NonNullable<ImageOp['format']>,
  quality: number | 'auto',
): NonNullable<ImageOp['format']> {
  const [{ params } = { params: {} }] = readOps([{ format }])
  const changed = { ...Object(params), quality } as NonNullable<ImageOp['format']> // parseOps throws unless it is one
  parseOps([{ format: changed }])
  return changed
}

function createUsageError(message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
