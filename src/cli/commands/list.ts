import { z } from 'zod'
import { loadConfig } from '../../config/load.js'
import { listPresets } from '../../config/presets.js'
import type { ImageOp } from '../../ops/image-op.js'
import { operations } from '../../ops/index.js'
import { formatOp } from '../../ops/text.js'
import { exampleOf } from '../op-flags.js'

/** `imgproc list presets` */
export async function listPresetsCommand({
  json,
  config: file,
}: {
  json?: boolean
  config?: string
}): Promise<void> {
  const { config } = await loadConfig({ cwd: process.cwd(), ...(file !== undefined && { file }) })
  const presets = listPresets(config)
  if (json === true)
    return print(
      JSON.stringify(
        presets.map(({ origin, preset }) => ({ ...preset, origin })),
        null,
        2,
      ),
    )
  const width = Math.max(...presets.map(({ preset }) => preset.name.length))
  for (const { origin, preset } of presets) {
    const { name, ops, widths, formats, after = [], path, skipSmaller } = preset
    const parts = [
      ...ops.map(describeOp),
      widths && `widths ${widths.join(', ')}`,
      ...after.map(describeOp),
      formats && `formats ${formats.map((format) => formatOp({ format })).join(', ')}`,
      path && `path ${path}`,
      skipSmaller === true && 'smaller sources skipped',
    ].filter((part) => typeof part === 'string')
    print(`${name.padEnd(width)}  ${origin === 'config' ? '(config) ' : ''}${parts.join('; ')}`)
  }
}

/** `imgproc list ops` */
export function listOpsCommand({ json }: { json?: boolean }): void {
  if (json === true) {
    const list = operations.map((op) => ({
      name: op.name,
      summary: op.summary,
      example: op.example,
      params: z.toJSONSchema(op.params, { io: 'input', unrepresentable: 'any' }),
    }))
    return print(JSON.stringify(list, null, 2))
  }
  for (const op of operations) {
    print(`${op.name}\n  ${op.summary}\n  ${exampleOf(op)}`)
    for (const line of paramLines(op.params)) print(`    ${line}`)
    print('')
  }
}

function describeOp(op: ImageOp): string {
  return `${Object.keys(op)[0]} ${formatOp(op)}`
}

function paramLines(schema: unknown): string[] {
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

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
