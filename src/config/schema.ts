import { z } from 'zod'
import { serveSchema } from './serve-schema.js'

/** Maximum width of WebP, which is the lowest of all formats. */
const MAX_WIDTH = 16383

const text = z.string({ error: 'a non-empty string' }).min(1, { error: 'a non-empty string' })
const list = z.array(text)
/** Name of a preset, included or of the config. */
export const presetName = text.clone()
const ONE_OR_MORE = { error: 'a non-empty string or a list of them' }
const oneOrMore = z.union([text, list.min(1, ONE_OR_MORE)], ONE_OR_MORE)
const presetNames = z.union([presetName, z.array(presetName).min(1, ONE_OR_MORE)], ONE_OR_MORE)
const widthError = `a whole number of pixels from 1 to ${MAX_WIDTH}`
const width = z.int({ error: widthError }).min(1, { error: widthError }).max(MAX_WIDTH, { error: widthError })

/** Schema of a whole number of 1 or more. */
function count(of: string) {
  const error = `a whole number of ${of}, 1 or more`
  return z.int({ error }).min(1, { error })
}

// Operations are validated by the registry; see validate-config.ts.
const ops = z.array(z.record(z.string(), z.unknown(), { error: 'an operation such as { thumbnail: 100 }' }))

export const presetSchema = z.strictObject({
  extends: presetNames
    .optional()
    .describe('Name of the preset to inherit keys from, or a list; later ones win over earlier ones.'),
  ops: ops.optional().describe('Operations, in the order they run.'),
  widths: z.array(width).optional().describe('Widths in pixels, one rendition each; resized after `ops`.'),
  formats: z
    .array(z.unknown())
    .optional()
    .describe('Output formats, one rendition each; inputs of the `format` operation.'),
  after: ops.optional().describe('Operations to run after the resize to a width.'),
  path: text.optional().describe('Path template of the outputs, such as `{dir}/{name}-{width}.{ext}`.'),
  analyze: list
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
})

const batchSchema = z.strictObject({
  inputs: oneOrMore.describe('Files, folders, globs or URLs: one, or a list.'),
  presets: presetNames.describe('Name or names of the presets to apply to each input.'),
  out: text.optional().describe("Output folder, instead of the config's."),
  path: text.optional().describe("Path template of the outputs, instead of the presets' and the config's."),
  base: text.optional().describe("Folder that `{dir}` is relative to, instead of the config's."),
  ignore: list.optional().describe("Globs of inputs to ignore, in addition to the config's."),
})

const limitsSchema = z.strictObject({
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
})

const s3PlaceSchema = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'a URL such as https://minio.example:9000' })
    .optional()
    .describe(
      'URL of an S3-compatible server (MinIO, R2, Ceph); by default `AWS_ENDPOINT_URL_S3`, that of the profile, or AWS.',
    ),
  region: text.optional().describe('Region; by default `AWS_REGION`, that of the profile, or `us-east-1`.'),
  profile: text
    .optional()
    .describe('Profile of the shared AWS config and credentials files; by default `AWS_PROFILE`.'),
  pathStyle: z
    .boolean()
    .optional()
    .describe('Uses `https://host/bucket/key` URLs; `true` by default if there is an `endpoint`.'),
})

const ascii = z.string().regex(/^[\x20-\x7e]*$/, { error: 'plain ASCII, as in HTTP headers' })

const s3Schema = z.strictObject({
  ...s3PlaceSchema.shape,
  buckets: z
    .record(z.string(), s3PlaceSchema)
    .optional()
    .describe('Connections of single buckets, by bucket name; each replaces the default connection.'),
  cacheControl: ascii.optional().describe('`Cache-Control` header of images.'),
  metadata: z.record(ascii, ascii).optional().describe('User metadata of images, in plain ASCII.'),
  storageClass: text
    .optional()
    .describe('Storage class of images, such as `INTELLIGENT_TIERING`; by default `STANDARD`.'),
  ifNoneMatch: z.boolean().optional().describe('Never overwrites: an output fails if its object exists.'),
  sse: z
    .enum(['AES256', 'aws:kms'])
    .optional()
    .describe("Server-side encryption; by default the bucket's setting."),
  kmsKeyId: text.optional().describe("KMS key for `sse: aws:kms`; by default the account's key for S3."),
})

const endpoint = z.url({ protocol: /^https?$/, error: 'a URL such as http://127.0.0.1:4443' }).optional()

const gcsPlaceSchema = z.strictObject({
  endpoint: endpoint.describe(
    'URL of an emulator, which gets no credentials; by default `STORAGE_EMULATOR_HOST`, or Google Cloud.',
  ),
  project: text
    .optional()
    .describe('Project that pays for the requests, for buckets of the kind requester pays.'),
})

const gcsSchema = z.strictObject({
  ...gcsPlaceSchema.shape,
  buckets: z
    .record(z.string(), gcsPlaceSchema)
    .optional()
    .describe('Connections of single buckets, by bucket name; each replaces the default connection.'),
  cacheControl: ascii.optional().describe('`Cache-Control` header of images.'),
  metadata: z.record(z.string(), z.string()).optional().describe('Custom metadata of images.'),
  storageClass: text
    .optional()
    .describe("Storage class of images, such as `NEARLINE`; by default the bucket's."),
  ifNoneMatch: z.boolean().optional().describe('Never overwrites: an output fails if its object exists.'),
  kmsKeyName: text.optional().describe("Cloud KMS key of everything written; by default the bucket's."),
})

const azurePlaceSchema = z.strictObject({
  account: z
    .string()
    .regex(/^[a-z\d]{3,24}$/, {
      error: 'the name of a storage account: 3 to 24 lowercase letters and digits',
    })
    .optional()
    .describe(
      'Storage account; by default `AZURE_STORAGE_ACCOUNT`, or that of `AZURE_STORAGE_CONNECTION_STRING`.',
    ),
  endpoint: z
    .url({ protocol: /^https?$/, error: 'a URL such as http://127.0.0.1:10000/devstoreaccount1' })
    .regex(/^[^?#@]*$/, { error: 'a URL without credentials and query' })
    .optional()
    .describe('URL of the blob service of the account; by default `https://ACCOUNT.blob.core.windows.net`.'),
})

const azureSchema = z.strictObject({
  ...azurePlaceSchema.shape,
  containers: z
    .record(z.string(), azurePlaceSchema)
    .optional()
    .describe('Accounts of single containers, by container name; each replaces the default account.'),
  cacheControl: ascii.optional().describe('`Cache-Control` header of images.'),
  metadata: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: 'a name of letters, digits and _' }), ascii)
    .optional()
    .describe('Metadata of images, in plain ASCII.'),
  accessTier: text.optional().describe("Access tier of images, such as `Cool`; by default the account's."),
  ifNoneMatch: z.boolean().optional().describe('Never overwrites: an output fails if its blob exists.'),
})

export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Path or URL of the JSON Schema, for editors.'),
  out: text.optional().describe('Output folder, or a prefix of `s3://`, `gs://` or `az://`.'),
  baseUrl: text.optional().describe('Prefix of each `url` in the manifest.'),
  base: text.optional().describe('Folder that `{dir}` in output paths is relative to.'),
  path: text.optional().describe('Path template for presets without their own.'),
  manifest: z
    .union([text, z.literal(false)], { error: 'a file name, or false for none' })
    .optional()
    .describe('Manifest file, or `false` for none; by default `manifest.json` in `out`.'),
  concurrency: count('images').optional().describe('Images to process at once; by default two per CPU core.'),
  presets: z
    .record(z.string(), presetSchema)
    .optional()
    .describe('Presets by name; they take precedence over shipped presets.'),
  analyzers: z
    .record(z.string(), text)
    .optional()
    .describe(
      'Custom analyzers: names, and the modules that export them (paths or packages); or `rekognition` for faces, objects and moderation.',
    ),
  operations: z
    .record(z.string(), text)
    .optional()
    .describe('Custom operations: names, and the modules that export them (paths or packages).'),
  stores: z
    .record(z.string(), text)
    .optional()
    .describe('Custom stores: URL schemes, and the modules that export them (paths or packages).'),
  s3: s3Schema.optional().describe('Connection to S3, and options for writing images.'),
  gcs: gcsSchema.optional().describe('Connection to Google Cloud Storage, and options for writing images.'),
  azure: azureSchema.optional().describe('Account of Azure Blob Storage, and options for writing images.'),
  batches: z
    .array(batchSchema)
    .optional()
    .describe('Batches that `imgproc run` processes if it is given no inputs.'),
  ignore: list.optional().describe('Globs of inputs to ignore.'),
  sniff: z
    .boolean()
    .optional()
    .describe(
      "Finds images with any extension by their first bytes; by default only in prefixes of buckets without an image's extension.",
    ),
  limits: limitsSchema.optional().describe('Resource limits per image.'),
  failOn: z
    .enum(['none', 'truncated', 'error', 'warning'])
    .optional()
    .describe('Lowest level of damage that counts as a failure; by default `error`.'),
  serve: serveSchema.optional().describe('Options of the HTTP server, `imgproc serve`.'),
})

/** Validated content of a config file. */
export type Config = z.output<typeof configSchema>

/** A preset as written, without inherited keys. */
export type Preset = z.output<typeof presetSchema>
