import { loadAnalyzers, type CustomAnalyzers } from '../analyzers/load-analyzers.js'
import { analyze } from '../analyzers/run-analyzers.js'
import { toRecord } from '../errors.js'
import { decoders, fastCodec } from '../decoders/index.js'
import { withDefaults } from '../image/limits.js'
import { openImage, type OpenImage } from '../image/open-image.js'
import { readSourceHeader } from '../image/read-source-header.js'
import { maybeSvg } from '../image/svg.js'
import { hasContentCredentials } from '../metadata/c2pa.js'
import { resolvePreset } from '../config/presets.js'
import type { UserConfig } from '../config/types.generated.js'
import { parseConfig } from '../config/validate-config.js'
import { readInput, type ImageInput, type TransformOptions } from '../transform.js'
import { predictLosses } from './predict-losses.js'
import { readFacts } from './read-facts.js'
import type { Inspection } from './types.js'

/** Options of `inspect`. */
export interface InspectOptions extends TransformOptions {
  /** Adds the position where a photo was taken. @default false */
  readonly gps?: boolean | undefined
  /** Names of analyzers. Their findings need the pixels, which are decoded once. @default none */
  readonly analyze?: readonly string[] | undefined
  /** Names of presets, for which `losses` tells what their outputs would lack. @default none */
  readonly preset?: string | readonly string[] | undefined
  /** Your own presets by name. @default those included */
  readonly presets?: UserConfig['presets']
  /** Your own analyzers by name: the modules that export them, or the analyzers. */
  readonly analyzers?: CustomAnalyzers | undefined
  /** Folder that paths of `analyzers` are relative to. @default the working directory */
  readonly root?: string | undefined
}

/**
 * Returns facts about a picture: format, size, colours, animation, and metadata in words. Without `analyze` only the header
 * is read, and no pixels are decoded.
 *
 * Throws an ImgprocError as `transform` does: INPUT_NOT_FOUND, ACCESS_DENIED, READ_FAILED, UNSUPPORTED_FORMAT, CORRUPT_IMAGE,
 * TOO_MANY_PIXELS, INPUT_TOO_LARGE, TIMED_OUT, ABORTED; UNKNOWN_PRESET, INVALID_CONFIG for wrong presets or an unknown analyzer, and
 * INVALID_USAGE.
 *
 * @example
 * ```ts
 * import { inspect } from 'imgproc'
 * const { format, width, height, color, metadata } = await inspect('photos/landscape.jpg')
 * console.log(format, `${width}x${height}`, color.space, metadata.exif?.model)
 * ```
 */
export async function inspect(input: ImageInput, options: InspectOptions = {}): Promise<Inspection> {
  const limits = withDefaults(options.limits)
  const { failOn = 'error', signal, gps = false, analyze: names = [], preset = [], presets } = options
  const config = presets === undefined ? {} : parseConfig({ presets }, { label: 'options' })
  const recipes = [preset].flat().map((name) => resolvePreset(name, config))
  const analyzers = await loadAnalyzers(names, options.analyzers ?? {}, options.root ?? '.')
  const file = await readInput(input, limits.bytes, options)
  const openOptions = { limits, failOn, decoders, fastCodec, signal }
  const header = maybeSvg(file) ? await openImage(file, openOptions) : await openHeader(file, openOptions)
  const facts = readFacts(header, file, gps)
  const losses = recipes.map((recipe) => ({
    preset: recipe.name,
    losses: predictLosses(header, facts, recipe),
  }))
  const found = analyzers.length === 0 ? undefined : await findMore(file, openOptions, analyzers)
  return { ...facts, ...found, ...(losses.length > 0 && { losses }) }
}

async function openHeader(file: Uint8Array, options: OpenImage['options']): Promise<OpenImage> {
  const { bytes, metadata, format, sequence } = await readSourceHeader(file, options)
  const frames = sequence && { sequence, original: file }
  return { bytes, metadata, format, options, hasCredentials: hasContentCredentials(file), ...frames }
}

async function findMore(
  file: Uint8Array,
  options: OpenImage['options'],
  analyzers: Parameters<typeof analyze>[1],
): Promise<Pick<Inspection, 'analysis' | 'analysisErrors'>> {
  const image = await openImage(file, options)
  try {
    const { analysis, errors } = await analyze(image, analyzers)
    const failed = errors.map(({ name, error }) => ({ name, error: toRecord(error) }))
    return { analysis, ...(failed.length > 0 && { analysisErrors: failed }) }
  } finally {
    image.release?.()
  }
}
