import type { FormatType } from '../../operations/settings/format.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { readOps } from '../../operations/parse-operations.js'
import { expandPreset, type UnplacedRendition } from '../../plan/expand-presets.js'
import type { PresetRecipe } from '../../plan/types.js'
import { toRecipe } from '../../render/recipe.js'
import { shows, type Accepted } from './negotiate-format.js'

/** The part of a request that chooses one of the renditions of a preset. */
export interface PresetChoice {
  /** Pixels; undefined for the largest. */
  readonly width: number | undefined
  /** Format that the query names. */
  readonly format: FormatType | undefined
  readonly accepted: Accepted
}

/**
 * Returns the operations of one rendition of a preset. It has the smallest width that is large enough, and the format that
 * the query names, or else the first that the client shows.
 */
export function chooseRendition(preset: PresetRecipe, choice: PresetChoice): readonly ImageOp[] {
  // The path is checked, and not used.
  const placement = { path: '{name}-{width}.{ext}', defaultPath: undefined, failOn: 'error' } as const
  const renditions = expandPreset(preset, new Map(), placement)
  const widths = renditions.flatMap(({ rendition }) => rendition.width ?? [])
  const wanted = choice.width ?? Infinity
  // They are in order of width.
  const width = widths.find((each) => each >= wanted) ?? widths.at(-1)
  const ofWidth = renditions.filter(({ rendition }) => rendition.width === width)
  const named = choice.format && ofWidth.find((one) => formatOf(one) === choice.format)
  const shown = ofWidth.find((one) => isShown(one, choice.accepted))
  return (named ?? shown ?? ofWidth.at(-1))?.rendition.ops ?? []
}

/** Returns the formats that a preset lists, without their parameters. */
export function formatsOf({ formats = [] }: PresetRecipe): readonly (FormatType | 'auto' | undefined)[] {
  return formats.map((format) => toRecipe(readOps([{ format }])).format?.type)
}

function formatOf({ rendition }: UnplacedRendition): FormatType | 'auto' | undefined {
  return toRecipe(readOps(rendition.ops)).format?.type
}

function isShown(one: UnplacedRendition, accepted: Accepted): boolean {
  const format = formatOf(one)
  return format === undefined || format === 'auto' || shows(accepted, format)
}
