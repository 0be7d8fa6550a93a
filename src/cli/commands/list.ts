import { z } from 'zod'
import { loadConfig } from '../../config/load-config.js'
import { listPresets } from '../../config/presets.js'
import type { PresetRecipe } from '../../plan/types.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { allOperations } from '../../operations/parse-operations.js'
import { formatOp } from '../../operations/text-syntax.js'
import { ImgprocError } from '../../errors.js'
import type { Op } from '../../operations/define-operation.js'
import { didYouMean } from '../../utils/did-you-mean.js'
import { toFlag } from '../../operations/operation-flag.js'
import { describeOperation } from '../output/describe-operation.js'

interface ListFlags {
  readonly json?: boolean
  readonly config?: string
}

/** Prints the presets: `imgproc list presets`. */
export async function listPresetsCommand({ json, config: file }: ListFlags): Promise<void> {
  const { config } = await loadConfig({ cwd: process.cwd(), file })
  const presets = listPresets(config)
  if (json === true) return printJson(presets.map(({ origin, preset }) => ({ ...preset, origin })))
  const width = Math.max(...presets.map(({ preset }) => preset.name.length))
  for (const { origin, preset } of presets) {
    print(`${preset.name.padEnd(width)}  ${describePreset(preset)}${origin === 'config' ? ' (config)' : ''}`)
  }
}

/** Describes a preset in one line, in the text syntax of operations. */
export function describePreset({
  ops,
  widths,
  formats,
  after,
  path,
  skipSmaller,
  whenUnsafe,
  analyze,
}: PresetRecipe): string {
  const parts = [
    ...ops.map(describeOp),
    widths && `widths ${widths.join(', ')}`,
    ...(after ?? []).map(describeOp),
    formats && `formats ${formats.map((format) => formatOp({ format })).join(', ')}`,
    path && `path ${path}`,
    skipSmaller === true && 'smaller sources skipped',
    whenUnsafe && `${whenUnsafe.do} from ${whenUnsafe.moderation} of moderation`,
    analyze && `analyze ${analyze.join(', ')}`,
  ]
  return parts.filter((part) => typeof part === 'string').join('; ')
}

/** Prints the operations, or those named: `imgproc list ops [names...]`. */
export function listOpsCommand(names: readonly string[], { json }: ListFlags): void {
  const chosen = names.length === 0 ? allOperations() : names.map(findOperation)
  if (json === true) {
    const list = chosen.map(({ name, summary, example, params }) => ({
      name,
      summary,
      example,
      params: z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }),
    }))
    return printJson(list)
  }
  for (const op of chosen) print(describeOperation(op, process.stdout.columns))
}

function findOperation(name: string): Op {
  const op = allOperations().find((one) => one.name === name || toFlag(one) === `--${name}`)
  if (op !== undefined) return op
  const all = allOperations().map((one) => one.name)
  const message = `There is no operation "${name}".${didYouMean(name, all) || ` Available operations: ${all.join(', ')}.`}`
  throw new ImgprocError('UNKNOWN_OPERATION', message, { stage: 'usage' })
}

function describeOp(op: ImageOp): string {
  return `${Object.keys(op)[0]} ${formatOp(op)}`
}

function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
