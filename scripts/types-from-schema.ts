import { z } from 'zod'
import { configSchema, presetSchema } from '../src/config/schema.js'
import type { Op } from '../src/operations/define-operation.js'
import { gravity, position } from '../src/operations/parameters.js'

/** Returns the source of src/operations/image-op.generated.ts. */
export function imageOpTypes(operations: readonly Op[]): string {
  const interfaces = operations.filter((op) => hasParams(op)).map((op) => paramTypes(op))
  const inputs = operations.map((op) => {
    const short = op.shorthand === undefined ? [] : [typeOf(op.shorthand.schema)]
    const types = hasParams(op) ? [...short, `${pascal(op.name)}Params`] : short
    if (typeof op.example === 'string' && op.example.includes('='))
      types.push(`\`\${${short.join(' | ')}}:\${string}=\${string}\``)
    return `  /** ${op.summary} */\n  readonly ${op.name}: ${types.join(' | ')}`
  })
  return `// Generated from the operation registry by \`npm run generate\`. Do not edit.

/** Edge or corner, in sharp's terms. */
export type Gravity = ${enumType(gravity)}

/** Gravity, or a search for the most salient region (attention) or the one with most detail (entropy). */
export type Position = ${enumType(position)}

${interfaces.join('\n\n')}

/** Input of each operation: its shorthand or its parameters. */
export interface OpInputs {
${inputs.join('\n')}
}

export type OpName = keyof OpInputs

/** An operation: an object whose only key is its name. */
export type ImageOp = {
  [N in OpName]: { readonly [K in N]: OpInputs[N] } & { readonly [K in Exclude<OpName, N>]?: never }
}[OpName]
`
}

/** Returns the source of src/config/types.generated.ts. */
export function configTypes(): string {
  const batch = inner(configSchema.shape.batches)
  return `// Generated from the config schema by \`npm run generate\`. Do not edit.
import type { ImageOp } from '../operations/image-op.generated.js'

/** A preset: operations, and the widths and formats of its renditions. */
export interface UserPreset {
${members(presetSchema)}
}

/** Inputs, and the presets to apply to them. */
export interface UserBatch {
${members(object(inner(batch)))}
}

/** Content of a config file. */
export interface UserConfig {
${members(configSchema)}
}
`
}

/** Returns the schema inside an optional, a list or a record. */
function inner(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional) return inner(schema.def.innerType)
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodRecord) return schema.valueType
  return schema
}

/** Schemas with a named type, or whose content the registry validates. */
const NAMED = new Map<unknown, string>([
  [unwrap(presetSchema.shape.ops), 'readonly ImageOp[]'],
  [unwrap(presetSchema.shape.formats), "readonly NonNullable<ImageOp['format']>[]"],
  [gravity, 'Gravity'],
  [position, 'Position'],
  [presetSchema, 'UserPreset'],
  [inner(configSchema.shape.batches), 'UserBatch'],
])

function unwrap(schema: z.ZodType): unknown {
  return schema instanceof z.ZodOptional ? schema.def.innerType : schema
}

function paramTypes(op: Op): string {
  const name = `${pascal(op.name)}Params`
  if (op.params instanceof z.ZodDiscriminatedUnion) {
    const branches = op.params.options.map((option) => {
      const branch = object(option)
      const [type] =
        object(branch).shape[unionKey(op)] instanceof z.ZodLiteral
          ? [...(branch.shape[unionKey(op)] as z.ZodLiteral).values]
          : []
      return {
        name: `${pascal(String(type))}${pascal(op.name)}`,
        body: members(branch),
        about: branch.description ?? `${String(type).toUpperCase()} and its encoder's options.`,
      }
    })
    const bodies = branches.map((b) => `/** ${b.about} */\nexport interface ${b.name} {\n${b.body}\n}`)
    return `${bodies.join('\n\n')}\n\n/** ${op.summary} */\nexport type ${name} = ${branches.map((b) => b.name).join(' | ')}`
  }
  return `/** ${op.summary} */\nexport interface ${name} {\n${members(object(op.params))}\n}`
}

/** Returns true if the operation has parameters. */
function hasParams(op: Op): boolean {
  return !(op.params instanceof z.ZodObject) || Object.keys(op.params.shape).length > 0
}

function unionKey(op: Op): string {
  return (op.params as z.ZodDiscriminatedUnion).def.discriminator // the caller checked the class
}

function object(schema: unknown): z.ZodObject {
  if (schema instanceof z.ZodObject) return schema
  throw new Error(`parameters must be an object, not ${String(schema)}`)
}

function members(schema: z.ZodObject): string {
  return Object.entries(schema.shape)
    .map(([key, value]) => {
      const { description } = value
      const fallback =
        value instanceof z.ZodDefault ? ` @default ${JSON.stringify(value.def.defaultValue)}` : ''
      const doc = description === undefined ? '' : `  /** ${description}${fallback} */\n`
      return `${doc}  readonly ${key}${isOptional(value) ? '?' : ''}: ${typeOf(value)}`
    })
    .join('\n')
}

function isOptional(schema: unknown): boolean {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
}

/** Returns the TypeScript type of a schema's input. Throws if the schema has none here. */
function typeOf(schema: unknown): string {
  const name = NAMED.get(schema)
  if (name !== undefined) return name
  if (schema instanceof z.ZodObject) return `{\n${members(schema)}\n}`
  if (schema instanceof z.ZodRecord) return `Readonly<Record<string, ${typeOf(schema.valueType)}>>`
  if (schema instanceof z.ZodOptional) return `${typeOf(schema.def.innerType)} | undefined`
  if (schema instanceof z.ZodDefault) return `${typeOf(schema.def.innerType)} | undefined`
  if (schema instanceof z.ZodReadonly) return typeOf(schema.def.innerType)
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => literal(value)).join(' | ')
  if (schema instanceof z.ZodEnum) return enumType(schema)
  if (schema instanceof z.ZodUnion)
    return [...new Set(schema.options.map((option) => typeOf(option)))].join(' | ')
  if (schema instanceof z.ZodTemplateLiteral)
    return `\`${schema.def.parts.map((part) => templatePart(part)).join('')}\``
  if (schema instanceof z.ZodArray) return `readonly (${typeOf(schema.element)})[]`
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return 'string'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  throw new Error(`no TypeScript type for ${String(schema)}: add it to scripts/types-from-schema.ts`)
}

function templatePart(part: unknown): string {
  return typeof part === 'string' ? part : `\${${typeOf(part)}}`
}

function enumType(schema: z.ZodEnum): string {
  return schema.options.map((value) => literal(value)).join(' | ')
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", String.raw`\'`)}'` : String(value)
}

function pascal(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1)
}
