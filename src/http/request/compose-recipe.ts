import type { ImageOp } from '../../operations/image-op.generated.js'
import { readOps, renameFiles } from '../../operations/parse-operations.js'
import type { Format, FormatType } from '../../operations/settings/format.js'
import { candidatesOf } from '../../image/output-formats.js'
import type { WhenUnsafe } from '../../jobs/types.js'
import type { PresetRecipe } from '../../plan/types.js'
import { toRecipe } from '../../render/recipe.js'
import { roundWidth, type ClientHints } from './client-hints.js'
import { boxOf, scaleOp } from './density.js'
import { shows, type Accepted } from './negotiate-format.js'
import { chooseRendition, formatsOf } from './preset-rendition.js'
import type { Query, Step } from './query.js'

/** The properties of a client that a picture may depend on. */
export interface Conditions extends ClientHints {
  readonly accepted: Accepted
}

/** One rendition, as a query asks for it. */
export interface AskedRendition {
  /** Without a format if `choice` is set. */
  readonly ops: readonly ImageOp[]
  /** The format follows from the picture, among those that the client shows. */
  readonly choice: Accepted | undefined
  /** True if the client's formats have decided. */
  readonly usesAccept: boolean
  /** Files that operations of presets read. */
  readonly files: readonly string[]
  /** Policies of the presets for unsafe sources. */
  readonly whenUnsafe: readonly WhenUnsafe[]
  /** Names of the presets. */
  readonly presets: readonly string[]
  /** Pixels for each CSS pixel, and the sides in pixels that were asked for. */
  readonly density: { readonly dpr: number; readonly width?: number; readonly height?: number } | undefined
}

/** Presets by name. Throws UNKNOWN_PRESET. */
export type FindPreset = (name: string) => PresetRecipe

interface Tagged {
  readonly op: ImageOp
  /** Index of the step, if that is a preset. */
  readonly preset?: number
}

/**
 * Composes the steps of a query to one list of operations, in their order. A setting of the query, such as `format`, replaces
 * that of a preset, and one of a later preset that of an earlier. `width` chooses among the widths of a preset, if it has any.
 *
 * Throws UNKNOWN_PRESET, and INVALID_OPERATION if the query has a setting twice.
 */
export function composeRecipe(query: Query, find: FindPreset, conditions: Conditions): AskedRendition {
  const { steps } = query
  const presets = steps.flatMap((step) => (step.kind === 'preset' ? [find(step.name)] : []))
  const dpr = query.dpr === 'auto' ? (conditions.dpr ?? 1) : (query.dpr ?? 1)
  const format = namedFormat(steps, presets)
  const context = { presets, dpr, format, conditions, width: wantedWidth(steps, dpr, conditions) }
  const merged = mergeSettings(steps.flatMap((step, index) => toOps(step, index, context)))
  const { ops, choice, isAuto } = negotiate(merged, conditions.accepted)
  const isListed = presets.some((preset) => formatsOf(preset).length > 1) && format === undefined
  readOps(ops)
  return {
    ops,
    choice,
    usesAccept: isAuto || isListed,
    files: filesOf(ops),
    whenUnsafe: presets.flatMap(({ whenUnsafe }) => whenUnsafe ?? []),
    presets: presets.map(({ name }) => name),
    density: query.dpr === undefined ? undefined : { dpr, ...boxOf(ops) },
  }
}

interface Context {
  readonly presets: readonly PresetRecipe[]
  readonly dpr: number
  readonly width: number | undefined
  readonly format: FormatType | undefined
  readonly conditions: Conditions
}

function toOps(step: Step, index: number, context: Context): readonly Tagged[] {
  const { presets, dpr, width, format, conditions } = context
  const hasWidths = presets.some((preset) => preset.widths !== undefined)
  if (step.kind === 'width') return hasWidths || width === undefined ? [] : [{ op: { resize: { width } } }]
  if (step.kind === 'operation')
    return isChoiceOfPreset(step.op, context) ? [] : [{ op: scaleOp(step.op, dpr) }]
  const preset = presets.find(({ name }) => name === step.name)
  if (preset === undefined) return []
  const ops = chooseRendition(preset, { width, format, accepted: conditions.accepted })
  // A width of the preset is chosen for the screen already.
  const scaled = preset.widths === undefined ? ops.map((op) => scaleOp(op, dpr)) : ops
  return scaled.map((op) => ({ op, preset: index }))
}

/** Returns the pixels that `width` asks for. */
function wantedWidth(
  steps: readonly Step[],
  dpr: number,
  { width, viewportWidth, dpr: screen = 1 }: Conditions,
): number | undefined {
  const asked = steps.findLast((step) => step.kind === 'width')?.width
  if (asked !== 'auto') return asked && Math.max(1, Math.round(asked * dpr))
  return width ?? (viewportWidth && roundWidth(viewportWidth * screen))
}

/** Returns the format without parameters that the query names, if a preset lists it: then the preset has its parameters. */
function namedFormat(steps: readonly Step[], presets: readonly PresetRecipe[]): FormatType | undefined {
  const type = bareFormatOf(steps.findLast((step) => step.kind === 'operation' && 'format' in step.op))
  if (type === undefined || type === 'auto') return undefined
  return presets.some((preset) => formatsOf(preset).includes(type)) ? type : undefined
}

/** True for `format=webp` and `format=auto`, if a preset lists formats to choose from. */
function isChoiceOfPreset(op: ImageOp, { presets, format }: Context): boolean {
  const type = bareFormatOf({ kind: 'operation', op })
  if (type === 'auto') return presets.some((preset) => formatsOf(preset).length > 0)
  return type !== undefined && type === format
}

/** Returns the format of a step that names nothing else. */
export function bareFormatOf(step: Step | undefined): FormatType | 'auto' | undefined {
  if (step?.kind !== 'operation' || typeof step.op.format !== 'string') return undefined
  return formatOf(step.op)?.type
}

function formatOf(op: ImageOp): Format | undefined {
  return toRecipe(readOps([op])).format
}

function mergeSettings(all: readonly Tagged[]): readonly ImageOp[] {
  const isKept = ({ op, preset }: Tagged, index: number): boolean => {
    const [operation] = readOps([op])
    if (operation?.kind !== 'setting' || preset === undefined) return true
    const same = all.filter((other) => Object.hasOwn(other.op, operation.name))
    return same.every((other) => other.preset !== undefined) && same.at(-1) === all[index]
  }
  return all.filter(isKept).map(({ op }) => op)
}

interface Negotiated {
  readonly ops: readonly ImageOp[]
  readonly choice: Accepted | undefined
  readonly isAuto: boolean
}

/** Restricts `auto` to formats that the client shows. Without parameters it leaves the choice to the picture. */
function negotiate(ops: readonly ImageOp[], accepted: Accepted): Negotiated {
  const at = ops.findIndex((op) => 'format' in op)
  const format = ops[at] && formatOf(ops[at])
  if (format?.type !== 'auto') return { ops, choice: undefined, isAuto: false }
  const { type: _, ...settings } = format
  if (Object.values(settings).every((value) => value === undefined))
    return { ops: ops.toSpliced(at, 1), choice: accepted, isAuto: true }
  const shown = candidatesOf(format).filter((each) => shows(accepted, each))
  const among = shown.length > 0 ? shown : ['jpeg', 'png']
  const restricted = { format: { ...format, among } } as unknown as ImageOp // formats of the same list
  return { ops: ops.with(at, restricted), choice: undefined, isAuto: true }
}

function filesOf(ops: readonly ImageOp[]): readonly string[] {
  const files = new Set<string>()
  renameFiles(ops, (ref) => {
    files.add(ref)
    return ref
  })
  return [...files]
}
