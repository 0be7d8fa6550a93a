import { z } from 'zod'
import { loadConfig } from '../../config/load-config.js'
import { listPresets } from '../../config/presets.js'
import type { PresetRecipe } from '../../plan/types.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { operations } from '../../operations/parse-operations.js'
import { formatOp } from '../../operations/text-syntax.js'
import { exampleOf } from '../flags/operation-flags.js'

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
  analyze,
}: PresetRecipe): string {
  const parts = [
    ...ops.map(describeOp),
    widths && `widths ${widths.join(', ')}`,
    ...(after ?? []).map(describeOp),
    formats && `formats ${formats.map((format) => formatOp({ format })).join(', ')}`,
    path && `path ${path}`,
    skipSmaller === true && 'smaller sources skipped',
    analyze && `analyze ${analyze.join(', ')}`,
  ]
  return parts.filter((part) => typeof part === 'string').join('; ')
}

/** Prints the operations: `imgproc list ops`. */
export function listOpsCommand({ json }: ListFlags): void {
  if (json === true) {
    const list = operations.map(({ name, summary, example, params }) => ({
      name,
      summary,
      example,
      params: z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }),
    }))
    return printJson(list)
  }
  for (const op of operations) {
    print(`${op.name}\n  ${op.summary}\n  ${exampleOf(op)}`)
    for (const line of describeParams(op.params)) print(`    ${line}`)
    print('')
  }
}

function describeOp(op: ImageOp): string {
  return `${Object.keys(op)[0]} ${formatOp(op)}`
}

function describeParams(schema: unknown): string[] {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    return schema.options.flatMap((option) => {
      const [first, ...more] = option instanceof z.ZodObject ? Object.keys(option.shape) : []
      const type =
        option instanceof z.ZodObject && first !== undefined && option.shape[first] instanceof z.ZodLiteral
          ? String(option.shape[first].value)
          : ''
      return [`${type}: ${more.join(', ')}`]
    })
  }
  if (!(schema instanceof z.ZodObject)) return []
  const names = Object.keys(schema.shape)
  const width = Math.max(0, ...names.map((name) => name.length))
  return Object.entries(schema.shape).map(([name, param]) => {
    const fallback = param instanceof z.ZodDefault ? ` (default: ${String(param.def.defaultValue)})` : ''
    return `${name.padEnd(width)}  ${param.description ?? ''}${fallback}`
  })
}

function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
