import { z } from 'zod'
import { once } from '../utils/once.js'
import { azureSchema, gcsSchema, s3Schema } from './place-schemas.js'
import { serveSchema } from './serve-schema.js'
import { text } from './text-schema.js'

/** Maximum width of WebP, which is the lowest of all formats. */
const MAX_WIDTH = 16383

const list = once(() => z.array(text()))
/** Name of a preset, included or of the config. */
export const presetName = once(() => text().clone())
const ONE_OR_MORE = { error: 'a non-empty string or a list of them' }
const oneOrMore = once(() => z.union([text(), list().min(1, ONE_OR_MORE)], ONE_OR_MORE))
const presetNames = once(() =>
  z.union([presetName(), z.array(presetName()).min(1, ONE_OR_MORE)], ONE_OR_MORE),
)
const widthError = `a whole number of pixels from 1 to ${MAX_WIDTH}`
const width = once(() =>
  z.int({ error: widthError }).min(1, { error: widthError }).max(MAX_WIDTH, { error: widthError }),
)

/** Schema of a whole number of 1 or more. */
function count(of: string) {
  const error = `a whole number of ${of}, 1 or more`
  return z.int({ error }).min(1, { error })
}

// Operations are validated by the registry; see validate-config.ts.
const ops = once(() =>
  z.array(z.record(z.string(), z.unknown(), { error: 'an operation such as { thumbnail: 100 }' })),
)

export const presetSchema = once(() =>
  z.strictObject({
    extends: presetNames()
      .optional()
      .describe('Name of the preset to inherit keys from, or a list; later ones win over earlier ones.'),
    ops: ops().optional().describe('Operations, in the order they run.'),
    widths: z
      .array(width())
      .optional()
      .describe('Widths in pixels, one rendition each; resized after `ops`.'),
    formats: z
      .array(z.unknown())
      .optional()
      .describe('Output formats, one rendition each; inputs of the `format` operation.'),
    after: ops().optional().describe('Operations to run after the resize to a width.'),
    path: text().optional().describe('Path template of the outputs, such as `{dir}/{name}-{width}.{ext}`.'),
    analyze: list()
      .optional()
      .describe('Names of analyzers to run on each source; the manifest holds their findings.'),
    whenUnsafe: z
      .strictObject({
        moderation: z
          .number({ error: 'a number from 0 to 1' })
          .min(0, { error: 'a number from 0 to 1' })
          .max(1, { error: 'a number from 0 to 1' })
          .default(0.8)
          .describe('Score of the analyzer `moderation` from which a source is unsafe; 0.8 by default.'),
        do: z
          .enum(['skip', 'blur', 'fail'])
          .describe('Skips or fails its outputs, or makes them unrecognisable.'),
      })
      .optional()
      .describe('Policy for sources that the analyzer `moderation` finds unsafe.'),
    skipSmaller: z
      .boolean()
      .optional()
      .describe('Skips renditions that are not smaller than their source in width or height.'),
  }),
)

const batchSchema = once(() =>
  z.strictObject({
    inputs: oneOrMore().describe('Files, folders, globs or URLs: one, or a list.'),
    presets: presetNames().describe('Name or names of the presets to apply to each input.'),
    out: text().optional().describe("Output folder, instead of the config's."),
    path: text()
      .optional()
      .describe("Path template of the outputs, instead of the presets' and the config's."),
    base: text().optional().describe("Folder that `{dir}` is relative to, instead of the config's."),
    ignore: list().optional().describe("Globs of inputs to ignore, in addition to the config's."),
  }),
)

const limitsSchema = once(() =>
  z.strictObject({
    pixels: count('pixels')
      .optional()
      .describe('Maximum pixels of a source or output, counting all frames; 268402689 by default.'),
    bytes: count('bytes').optional().describe('Maximum bytes of a source; 268435456 by default.'),
    frames: count('frames').optional().describe('Maximum frames of an animation; 1000 by default.'),
    seconds: count('seconds')
      .optional()
      .describe(
        'Maximum seconds of each step of an image: reading its header, decoding, a pass, an encoder, an analyzer, a call of your own store. Up to 3600; 60 by default.',
      ),
  }),
)

/** Functions that create the schema of each key. */
const KEYS = {
  $schema: () => z.string().optional().describe('Path or URL of the JSON Schema, for editors.'),
  out: () => text().optional().describe('Output folder, or a prefix of `s3://`, `gs://` or `az://`.'),
  baseUrl: () => text().optional().describe('Prefix of each `url` in the manifest.'),
  base: () => text().optional().describe('Folder that `{dir}` in output paths is relative to.'),
  path: () => text().optional().describe('Path template for presets without their own.'),
  manifest: () =>
    z
      .union([text(), z.literal(false)], { error: 'a file name, or false for none' })
      .optional()
      .describe('Manifest file, or `false` for none; by default `manifest.json` in `out`.'),
  concurrency: () =>
    count('images').optional().describe('Images to process at once; by default two per CPU core.'),
  presets: () =>
    z
      .record(z.string(), presetSchema())
      .optional()
      .describe('Presets by name; they take precedence over shipped presets.'),
  analyzers: () =>
    z
      .record(z.string(), text())
      .optional()
      .describe(
        'Custom analyzers: names, and the modules that export them (paths or packages); or `rekognition` for faces, objects and moderation.',
      ),
  operations: () =>
    z
      .record(z.string(), text())
      .optional()
      .describe('Custom operations: names, and the modules that export them (paths or packages).'),
  stores: () =>
    z
      .record(z.string(), text())
      .optional()
      .describe('Custom stores: URL schemes, and the modules that export them (paths or packages).'),
  s3: () => s3Schema().optional().describe('Connection to S3, and options for writing images.'),
  gcs: () =>
    gcsSchema().optional().describe('Connection to Google Cloud Storage, and options for writing images.'),
  azure: () =>
    azureSchema().optional().describe('Account of Azure Blob Storage, and options for writing images.'),
  batches: () =>
    z
      .array(batchSchema())
      .optional()
      .describe('Batches that `imgproc run` processes if it is given no inputs.'),
  ignore: () => list().optional().describe('Globs of inputs to ignore.'),
  sniff: () =>
    z
      .boolean()
      .optional()
      .describe(
        "Finds images with any extension by their first bytes; by default only in prefixes of buckets without an image's extension.",
      ),
  limits: () => limitsSchema().optional().describe('Resource limits per image.'),
  failOn: () =>
    z
      .enum(['none', 'truncated', 'error', 'warning'])
      .optional()
      .describe('Lowest level of damage that counts as a failure; by default `error`.'),
  serve: () => serveSchema().optional().describe('Options of the HTTP server, `imgproc serve`.'),
}

/** Keys of a config file. */
export const CONFIG_KEYS = Object.keys(KEYS) as readonly (keyof typeof KEYS)[] // the table's own

/** Schema of a config file. */
export const configSchema = once(() => createSchema(CONFIG_KEYS))

/** Returns the schema of the keys that a config has. Creating those of all clouds and the server takes some milliseconds. */
export function configSchemaFor(config: unknown): ReturnType<typeof configSchema> {
  const given = Object.keys(Object(config))
  const isKnown = given.every((key) => Object.hasOwn(KEYS, key))
  return isKnown ? createSchema(CONFIG_KEYS.filter((key) => given.includes(key))) : configSchema()
}

function createSchema(keys: readonly (keyof typeof KEYS)[]) {
  type Shape = { readonly [K in keyof typeof KEYS]: ReturnType<(typeof KEYS)[K]> }
  // Keys that are left out are optional.
  return z.strictObject(Object.fromEntries(keys.map((key) => [key, KEYS[key]()])) as unknown as Shape)
}

/** Validated content of a config file. */
export type Config = z.output<ReturnType<typeof configSchema>>

/** A preset as written, without inherited keys. */
export type Preset = z.output<ReturnType<typeof presetSchema>>
