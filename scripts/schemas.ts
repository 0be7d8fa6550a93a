// Writes the JSON Schemas of config, manifest and --json into dist/, for editors and other tools, and the TypeScript
// declarations of Vite's imports with the included presets.
import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { declareModules } from '../src/build-tools/vite/declare-modules.js'
import { outputSchema } from '../src/cli/output/json-schema.js'
import { shippedNames } from '../src/config/presets.js'
import { configSchema, presetSchema } from '../src/config/schema.js'
import { inspectionSchema } from '../src/inspect/schema.js'
import { manifestSchema } from '../src/manifest/schema.js'
import type { Op } from '../src/operations/define-operation.js'
import * as registry from '../src/operations/registry.js'

/** Returns the schema of an operation's input: shorthand, parameters or text. */
function inputOf(op: Op): z.ZodType {
  const spellings = op.shorthand === undefined ? [op.params] : [op.shorthand.schema, op.params]
  const isNumber = op.shorthand?.schema.safeParse(90).success === true
  // A shorthand followed by parameters is parsed by the registry only.
  const text = isNumber ? /=|^-?\d+(?:\.\d+)?$/ : /=/
  return z.union([...spellings, z.string().regex(text)]).describe(op.summary)
}

/** Adds the aliases of operations to their values. */
function addAliases(json: z.core.JSONSchema.BaseSchema): void {
  const aliasesOf = (value: unknown) =>
    operations.flatMap(({ aliases = {} }) => Object.keys(aliases).filter((alias) => aliases[alias] === value))
  const values = json.enum ?? (json.const === undefined ? [] : [json.const])
  const all = values.flatMap((value) => [value, ...aliasesOf(value)])
  if (all.length === values.length) return
  delete json.const
  json.enum = all
}

const operations: readonly Op[] = Object.values(registry)
const anyOp = z.union(operations.map((op) => z.strictObject({ [op.name]: inputOf(op) })))
const ops = z.array(anyOp)
const preset = presetSchema().extend({
  ops: ops.optional().describe(presetSchema().shape.ops.description ?? ''),
  after: ops.optional().describe(presetSchema().shape.after.description ?? ''),
  formats: z
    .array(inputOf(registry.format))
    .optional()
    .describe(presetSchema().shape.formats.description ?? ''),
})
const config = configSchema().extend({
  presets: z
    .record(z.string(), preset)
    .optional()
    .describe(configSchema().shape.presets.description ?? ''),
})

await write('config.schema.json', config, 'imgproc config', {
  override: ({ jsonSchema }) => addAliases(jsonSchema),
})
await write('manifest.schema.json', manifestSchema(), 'imgproc manifest')
await write('inspection.schema.json', inspectionSchema, 'line of imgproc inspect --json')
await write('output.schema.json', outputSchema, 'output of imgproc --json', { reused: 'inline' })
await writeFile(
  new URL('../dist/build-tools/vite/client.d.ts', import.meta.url),
  declareModules(shippedNames()),
)

async function write(
  name: string,
  schema: z.ZodType,
  title: string,
  more: z.core.ToJSONSchemaParams = {},
): Promise<void> {
  const options = { io: 'input', unrepresentable: 'any', reused: 'ref', ...more } as const
  const json = { title, ...z.toJSONSchema(schema, options) }
  await writeFile(new URL(`../dist/${name}`, import.meta.url), `${JSON.stringify(json, null, 2)}\n`)
}
