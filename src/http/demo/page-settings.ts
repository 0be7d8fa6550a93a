import { posix } from 'node:path'
import { listPresets, type PresetSource } from '../../config/presets.js'
import type { Op } from '../../operations/define-operation.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { acceptsTrue, hasNoParams, toFlag } from '../../operations/operation-flag.js'
import { hintParameters, type ParameterGroup } from '../../operations/parameter-hints.js'
import { allOperations, renameFiles } from '../../operations/parse-operations.js'
import { formatOp } from '../../operations/text-syntax.js'
import type { PresetRecipe } from '../../plan/types.js'
import type { ResolvedOptions } from '../types.js'

/** An operation, as the page offers it. */
interface OperationChoice {
  readonly name: string
  readonly kind: 'pixels' | 'setting'
  readonly summary: string
  /** In text syntax. */
  readonly example: string
  readonly flag: string
  /** True if it has no parameters. */
  readonly isSwitch: boolean
  /** True if its flag needs no value. */
  readonly isOptional: boolean
  /** True if one value may stand for the parameters. */
  readonly hasShorthand: boolean
  readonly parameters: readonly ParameterGroup[]
}

/** An operation of a preset: its name, and its value in text syntax. */
type TextOp = readonly [name: string, value: string]

/** A preset, as the page offers it. */
interface PresetChoice {
  readonly name: string
  readonly ops: readonly TextOp[]
  readonly widths: readonly number[]
  /** In text syntax. */
  readonly formats: readonly string[]
  readonly after: readonly TextOp[]
}

/** Everything that the page has to know of the server. */
export interface PageSettings {
  readonly operations: readonly OperationChoice[]
  readonly presets: readonly PresetChoice[]
  /** Names of mounted sources. */
  readonly sources: readonly string[]
  readonly onlyPresets: boolean
}

type Options = Pick<ResolvedOptions, 'presets' | 'sources' | 'onlyPresets'>

/** Derives the choices of the page from the registry of operations and the config. They hold no path of the server. */
export function createPageSettings({ presets, sources, onlyPresets }: Options): PageSettings {
  const listed = listPresets({ presets: presets as PresetSource['presets'] }) // checked with the options
  return {
    operations: onlyPresets ? [] : allOperations().map(toOperationChoice),
    presets: listed.map(({ preset }) => toPresetChoice(preset)),
    sources: [...sources.keys()],
    onlyPresets,
  }
}

function toOperationChoice(op: Op): OperationChoice {
  return {
    name: op.name,
    kind: op.kind,
    summary: op.summary,
    example: formatOp({ [op.name]: op.example } as ImageOp), // the registry's own example
    flag: toFlag(op),
    isSwitch: hasNoParams(op),
    isOptional: acceptsTrue(op),
    hasShorthand: op.shorthand !== undefined,
    parameters: hintParameters(op),
  }
}

function toPresetChoice({ name, ops, widths = [], formats = [], after = [] }: PresetRecipe): PresetChoice {
  return {
    name,
    ops: toTextOps(ops),
    widths,
    formats: formats.map((format) => formatOp({ format })),
    after: toTextOps(after),
  }
}

/** The page is for everybody, so a file of the server is named without its folder. */
function toTextOps(ops: readonly ImageOp[]): readonly TextOp[] {
  return renameFiles(ops, (ref) => posix.basename(ref)).map((op) => [Object.keys(op)[0] ?? '', formatOp(op)])
}
