import { z } from 'zod'
import { shippedNames } from '../src/config/presets.js'
import { configSchema, presetName, presetSchema } from '../src/config/schema.js'
import { FORMATS } from '../src/image/output-formats.js'
import type { Op } from '../src/operations/define-operation.js'
import { readFlagValue } from '../src/operations/operation-flag.js'
import { gravity } from '../src/operations/parameters.js'
import { position } from '../src/operations/position.js'

/** Returns the source of src/operations/image-op.generated.ts. */
export function imageOpTypes(operations: readonly Op[]): string {
  const interfaces = operations.filter((op) => hasParams(op)).map((op) => paramTypes(op))
  const inputs = operations.map(
    (op) => `  /** ${op.summary} */\n  readonly ${op.name}: ${inputTypes(op).join(' | ')}`,
  )
  return `// Generated from the operation registry by \`npm run generate\`. Do not edit.

/** Edge or corner, in sharp's terms. */
export type Gravity = ${literals(gravity().options)}

/**
 * Gravity; a search for the most salient region (attention) or the one with most detail (entropy); a focal point or region;
 * or the regions that the source's XMP marks (metadata).
 */
export type Position = ${position()
    .options.map((option) => typeOf(option))
    .join(' | ')}

${interfaces.join('\n\n')}

/** A shorthand and parameters as text: \`200x200:fit=cover\`. The compiler checks the first key. */
type TextAfter<Shorthand extends string | number, Key extends string> = \`\${Shorthand}:\${Key}=\${string}\`

/** Parameters as text, alone or after a shorthand. */
type Text<Shorthand extends string | number, Key extends string> =
  | \`\${Key}=\${string}\`
  | TextAfter<Shorthand, Key>

/** Format that an image is encoded in. */
export type OutputFormat = ${literals(Object.keys(FORMATS))}

/**
 * Inputs of your own operations, by name. Declare them, so that lists may name your operations:
 *
 * @example
 * \`\`\`ts
 * declare module 'imgproc' {
 *   interface OwnOpInputs {
 *     readonly vignette: number | { readonly strength?: number }
 *   }
 * }
 * \`\`\`
 */
export interface OwnOpInputs {}

/** Input of each operation: its shorthand, its parameters, or both as text. */
export interface OpInputs extends OwnOpInputs {
${inputs.join('\n')}
}

export type OpName = keyof OpInputs

/** An operation: an object whose only key is its name. */
export type ImageOp = {
  // Pick keeps the documentation of the key.
  [N in OpName]: Pick<OpInputs, N> & { readonly [K in Exclude<OpName, N>]?: never }
}[OpName]
`
}

/** Returns the source of src/operations/flag-values.generated.ts. */
export function flagValues(operations: readonly Op[]): string {
  return `// Generated from the operation registry by \`npm run generate\`. Do not edit.

/** Value of the flag of each operation, as \`readFlagValue\` reads it from the schemas. */
export const FLAG_VALUES = {
${operations.map((op) => `  ${op.name}: '${readFlagValue(op)}',`).join('\n')}
} as const
`
}

/** Returns the types that an operation accepts. */
function inputTypes(op: Op): string[] {
  const { shorthand, aliases } = op
  const options = shorthand?.schema instanceof z.ZodUnion ? shorthand.schema.options : [shorthand?.schema]
  const given = options.filter((option) => option !== undefined)
  const short = given.map((option) => typeOf(option, aliases))
  const heads = given.filter((option) => isText(option)).map((option) => typeOf(option, aliases))
  return [
    ...short,
    // A number may be written as text.
    ...(heads.some((head) => head.split(' | ').includes('number')) ? ['`${number}`'] : []),
    // Some shorthands are any text.
    ...(hasParams(op) && !heads.includes('string') ? [textType(op, heads)] : []),
    ...(hasParams(op) ? [`${pascal(op.name)}Params`] : []),
  ]
}

/** Returns the type of parameters as text. */
function textType(op: Op, heads: readonly string[]): string {
  if (op.params instanceof z.ZodDiscriminatedUnion) {
    return `${pascal(op.name)}Text`
  }
  // The shorthand of an operation with one parameter says everything.
  const isWhole = Object.keys(object(op.params).shape).length === 1
  return `Text<${isWhole ? 'never' : heads.join(' | ') || 'never'}, keyof ${pascal(op.name)}Params>`
}

/** Returns true for a schema of text and numbers, which parameters may follow. */
function isText(schema: unknown): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.every((option) => isText(option))
  return (
    schema instanceof z.ZodNumber ||
    schema instanceof z.ZodString ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodTemplateLiteral
  )
}

/** Returns the value of a discriminator. */
function branchName(type: unknown): string {
  return type instanceof z.ZodLiteral ? String([...type.values][0]) : ''
}

/** Returns the source of src/config/types.generated.ts. */
export function configTypes(): string {
  const batch = inner(configSchema().shape.batches)
  return `// Generated from the config schema by \`npm run generate\`. Do not edit.
import type { ImageOp } from '../operations/image-op.generated.js'

/** Preset that is included in imgproc. */
export type ShippedPreset = ${literals(shippedNames())}

/** Name of a preset: an included one, or one of the config. */
export type PresetName = ShippedPreset | (string & Record<never, never>)

/** A preset: operations, and the widths and formats of its renditions. */
export interface UserPreset {
${members(presetSchema())}
}

/** Inputs, and the presets to apply to them. */
export interface UserBatch {
${members(object(inner(batch)))}
}

/** Content of a config file. */
export interface UserConfig {
${members(configSchema())}
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
  [unwrap(presetSchema().shape.ops), 'readonly ImageOp[]'],
  [unwrap(presetSchema().shape.formats), "readonly NonNullable<ImageOp['format']>[]"],
  [gravity(), 'Gravity'],
  [position(), 'Position'],
  [presetSchema(), 'UserPreset'],
  [presetName(), 'PresetName'],
  [inner(configSchema().shape.batches), 'UserBatch'],
])

function unwrap(schema: z.ZodType): unknown {
  return schema instanceof z.ZodOptional ? schema.def.innerType : schema
}

function paramTypes(op: Op): string {
  const name = `${pascal(op.name)}Params`
  if (op.params instanceof z.ZodDiscriminatedUnion) {
    const branches = op.params.options.map((option) => {
      const branch = object(option)
      const discriminator = branch.shape[unionKey(op)]
      const type = branchName(discriminator)
      return {
        name: `${pascal(type)}${pascal(op.name)}`,
        type: typeOf(discriminator, op.aliases),
        body: members(branch, op.aliases),
        about: branch.description ?? `${type.toUpperCase()} and its encoder's options.`,
      }
    })
    const bodies = branches.map((b) => `/** ${b.about} */\nexport interface ${b.name} {\n${b.body}\n}`)
    // With a name of its own, the union does not fill the hover text of the operation.
    const texts = branches.map(({ name: branch, type }) => `TextAfter<${type}, keyof ${branch}>`)
    return `${bodies.join('\n\n')}

/** ${op.summary} */
export type ${name} = ${branches.map((b) => b.name).join(' | ')}

/** Parameters of ${op.name} as text. */
export type ${pascal(op.name)}Text = ${texts.join(' | ')} | \`${unionKey(op)}=\${string}\``
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

/** Other spellings of values, as in `Op`. */
type Aliases = Op['aliases']

function members(schema: z.ZodObject, aliases?: Aliases): string {
  return Object.entries(schema.shape)
    .map(([key, value]) => {
      const { description } = value
      const fallback =
        value instanceof z.ZodDefault ? ` @default ${JSON.stringify(value.def.defaultValue)}` : ''
      const doc = description === undefined ? '' : `  /** ${description}${fallback} */\n`
      return `${doc}  readonly ${key}${isOptional(value) ? '?' : ''}: ${typeOf(value, aliases)}`
    })
    .join('\n')
}

function isOptional(schema: unknown): boolean {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
}

/** Returns the TypeScript type of a schema's input. Throws if the schema has none here. */
function typeOf(schema: unknown, aliases?: Aliases): string {
  const name = NAMED.get(schema)
  if (name !== undefined) return name
  if (schema instanceof z.ZodObject) return `{\n${members(schema)}\n}`
  if (schema instanceof z.ZodRecord) return `Readonly<Record<string, ${typeOf(schema.valueType)}>>`
  if (schema instanceof z.ZodOptional) return `${typeOf(schema.def.innerType, aliases)} | undefined`
  if (schema instanceof z.ZodDefault) return `${typeOf(schema.def.innerType, aliases)} | undefined`
  if (schema instanceof z.ZodPipe) return typeOf(schema.def.in, aliases)
  if (schema instanceof z.ZodReadonly) return typeOf(schema.def.innerType, aliases)
  if (schema instanceof z.ZodLiteral) return literals([...schema.values], aliases)
  if (schema instanceof z.ZodEnum) return literals(schema.options, aliases)
  if (schema instanceof z.ZodUnion)
    return [...new Set(schema.options.map((option) => typeOf(option, aliases)))].join(' | ')
  if (schema instanceof z.ZodTemplateLiteral)
    return `\`${schema.def.parts.map((part) => templatePart(part)).join('')}\``
  if (schema instanceof z.ZodArray) return `readonly (${typeOf(schema.element, aliases)})[]`
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return 'string'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  throw new Error(`no TypeScript type for ${String(schema)}: add it to scripts/types-from-schema.ts`)
}

function templatePart(part: unknown): string {
  return typeof part === 'string' ? part : `\${${typeOf(part)}}`
}

/** Returns a union of values, with the aliases of each. */
function literals(values: readonly unknown[], aliases: Aliases = {}): string {
  return values
    .flatMap((value) => [value, ...Object.keys(aliases).filter((alias) => aliases[alias] === value)])
    .map((value) => literal(value))
    .join(' | ')
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", String.raw`\'`)}'` : String(value)
}

function pascal(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1)
}
