import { resolvePreset, type PresetSource } from '../config/presets.js'
import type { UserConfig } from '../config/types.generated.js'
import { parseConfig } from '../config/validate-config.js'
import type { PlanBatch, PresetRecipe } from '../plan/types.js'
import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { parseOps, readOps } from '../operations/parse-operations.js'
import type { RunOptions } from './options.js'

/** A batch and the folder that it goes to. */
export interface Batch extends PlanBatch {
  readonly out: string
}

/** The name of the one rendition that operations make without a preset. */
export const OPS_PRESET = 'ops'

/** What a run is to make: what its options name, or else the config's batches. */
export function toBatches(options: RunOptions): Batch[] {
  const { inputs, preset = [], pathForAll } = options
  const {
    presets,
    batches = [],
    path,
    base,
    ignore = [],
    out = 'out',
  } = parseConfig(configOf(options), { label: 'options' })
  const toRecipes = (names: readonly string[]) => recipes(names, { presets }, options)
  if (inputs !== undefined) {
    if (inputs.length === 0 && options.allowEmpty !== true)
      throw usage('The list of inputs is empty: name some, or say that it may be (--allow-empty).')
    const names = typeof preset === 'string' ? [preset] : preset
    const toMake = toRecipes(names)
    return [{ inputs, presets: toMake, path: pathForAll, defaultPath: path, base, ignore, out }]
  }
  if (preset.length > 0)
    throw usage('A preset is named, but nothing to make it of: name inputs too, such as "photos/**".')
  if (batches.length === 0) {
    throw usage('There is nothing to do: name inputs, such as "photos/**", or put batches into the config.')
  }
  return batches.map((batch) => ({
    inputs: batch.inputs,
    presets: toRecipes(batch.presets),
    path: pathForAll ?? batch.path,
    defaultPath: path,
    base: batch.base ?? base,
    ignore: [...ignore, ...(batch.ignore ?? [])],
    out: batch.out ?? out,
  }))
}

/** The keys that a config file may have too. */
function configOf(options: RunOptions): UserConfig {
  const { out, baseUrl, base, path, manifest, concurrency, presets, batches, ignore, limits, failOn, s3 } =
    options
  return { out, baseUrl, base, path, manifest, concurrency, presets, batches, ignore, limits, failOn, s3 }
}

function recipes(names: readonly string[], config: PresetSource, options: RunOptions): PresetRecipe[] {
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
    return quality === undefined ? replaced : setQuality(replaced, quality)
  })
}

function fromOps({ ops = [], widths, formats }: RunOptions): PresetRecipe {
  if (ops.length > 0 || widths !== undefined || formats !== undefined) {
    return {
      name: OPS_PRESET,
      ops,
      path: widths === undefined ? '{dir}/{name}.{ext}' : '{dir}/{name}-{width}w.{ext}',
    }
  }
  throw usage('There is nothing to make: name a preset (--preset thumb) or operations (--thumbnail 100).')
}

/** Appends operations; a format among them, or formats, replace the preset's. */
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
    throw usage(
      "A quality needs a format to go with it, but each source's own is kept. Name one, such as --format webp.",
    )
  }
  return {
    ...recipe,
    ops: ops.map((op) => (op.format === undefined ? op : { format: withQuality(op.format, quality) })),
    ...(formats !== undefined && { formats: formats.map((format) => withQuality(format, quality)) }),
  }
}

/** A format in whatever spelling, with another quality. */
function withQuality(
  format: NonNullable<ImageOp['format']>,
  quality: number | 'auto',
): NonNullable<ImageOp['format']> {
  const [{ params } = { params: {} }] = readOps([{ format }])
  const changed = { ...Object(params), quality } as NonNullable<ImageOp['format']> // parseOps throws unless it is one
  parseOps([{ format: changed }])
  return changed
}

function usage(message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
