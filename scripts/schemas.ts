// Writes the JSON Schemas of config and manifest into dist/, for editors and other tools.
import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { configSchema, presetSchema } from '../src/config/schema.js'
import { manifestSchema } from '../src/manifest/schema.js'
import * as registry from '../src/operations/registry.js'

/** Returns the schema of an operation's input: shorthand, parameters or text. */
function inputOf(op: (typeof operations)[number]): z.ZodType {
  const spellings = op.shorthand === undefined ? [op.params] : [op.shorthand.schema, op.params]
  // A shorthand followed by parameters is parsed by the registry only.
  return z.union([...spellings, z.string().regex(/=/)]).describe(op.summary)
}

const operations = Object.values(registry)
const anyOp = z.union(operations.map((op) => z.strictObject({ [op.name]: inputOf(op) })))
const ops = z.array(anyOp)
const preset = presetSchema.extend({
  ops: ops.optional().describe(presetSchema.shape.ops.description ?? ''),
  after: ops.optional().describe(presetSchema.shape.after.description ?? ''),
  formats: z
    .array(inputOf(registry.format))
    .optional()
    .describe(presetSchema.shape.formats.description ?? ''),
})
const config = configSchema.extend({
  presets: z
    .record(z.string(), preset)
    .optional()
    .describe(configSchema.shape.presets.description ?? ''),
})

await write('config.schema.json', config, 'imgproc config')
await write('manifest.schema.json', manifestSchema, 'imgproc manifest')

async function write(name: string, schema: z.ZodType, title: string): Promise<void> {
  const json = { title, ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'ref' }) }
  await writeFile(new URL(`../dist/${name}`, import.meta.url), `${JSON.stringify(json, null, 2)}\n`)
}
