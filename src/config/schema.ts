import { z } from 'zod'

/** WebP, the narrowest of the formats, ends here. */
const MAX_WIDTH = 16383

const text = z.string({ error: 'a text' }).min(1, { error: 'a text' })
const list = z.array(text)
const filled = list.min(1, { error: 'a list with something in it' })
const widthError = `a whole number of pixels from 1 to ${MAX_WIDTH}`
const width = z.int({ error: widthError }).min(1, { error: widthError }).max(MAX_WIDTH, { error: widthError })

/** A positive whole number of something. */
function count(of: string) {
  const error = `a whole number of ${of}, 1 or more`
  return z.int({ error }).min(1, { error })
}

// What is inside an operation, only the registry knows: the loader asks it, item by item.
const ops = z.array(z.record(z.string(), z.unknown(), { error: 'an operation such as { thumbnail: 100 }' }))

export const presetSchema = z.strictObject({
  extends: text
    .optional()
    .describe('Name of the preset whose keys this one takes over, unless it has its own.'),
  ops: ops.optional().describe('Operations, run in the order written.'),
  widths: z.array(width).optional().describe('Widths in pixels, one rendition each; resized after `ops`.'),
  formats: z
    .array(z.unknown())
    .optional()
    .describe('Output formats, one rendition each; what `format` accepts.'),
  after: ops.optional().describe('Operations that run after the resize to a width.'),
  path: text.optional().describe('Path template of the outputs, such as `{dir}/{name}-{width}.{ext}`.'),
  analyze: list
    .optional()
    .describe('Names of analyzers that look at each source; what they find is in the manifest.'),
  skipSmaller: z
    .boolean()
    .optional()
    .describe('Whether a source that would not become smaller gets no rendition.'),
})

const batchSchema = z.strictObject({
  inputs: filled.describe('Files, folders or globs.'),
  presets: filled.describe('Names of the presets that are made of each input.'),
  out: text.optional().describe("Folder of the outputs, instead of the config's."),
  path: text.optional().describe("Path template of the outputs, instead of the presets' and the config's."),
  base: text.optional().describe("Folder that `{dir}` is relative to, instead of the config's."),
  ignore: list.optional().describe("Globs of inputs to leave out, besides the config's."),
})

const limitsSchema = z.strictObject({
  pixels: count('pixels').optional().describe('Pixels of a frame, times frames, going in or coming out.'),
  bytes: count('bytes').optional().describe('Bytes of a source.'),
  frames: count('frames').optional().describe('Frames of an animation.'),
  seconds: count('seconds').optional().describe('Seconds for each trip through sharp.'),
})

const s3PlaceSchema = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'a URL such as https://minio.example:9000' })
    .optional()
    .describe("The server's URL, of MinIO, R2 or Ceph; AWS unless given."),
  region: text.optional().describe("The region; the SDK's own chain, or us-east-1, unless given."),
  profile: text.optional().describe('A profile of the shared AWS config and credentials files.'),
  pathStyle: z
    .boolean()
    .optional()
    .describe(
      '`https://host/bucket/key`, as servers with an `endpoint` mostly want; true with one unless given.',
    ),
})

const ascii = z.string().regex(/^[\x20-\x7e]*$/, { error: 'plain ASCII, as HTTP headers are' })

const s3Schema = z.strictObject({
  ...s3PlaceSchema.shape,
  buckets: z
    .record(z.string(), s3PlaceSchema)
    .optional()
    .describe('What is different for one bucket, by its name.'),
  cacheControl: ascii.optional().describe('The `Cache-Control` of images.'),
  metadata: z.record(ascii, ascii).optional().describe('The user metadata of images.'),
  storageClass: text.optional().describe('The storage class of images, such as `INTELLIGENT_TIERING`.'),
  ifNoneMatch: z
    .boolean()
    .optional()
    .describe(
      'Whether an image may only go where nothing is: one that is there stays, and its output fails.',
    ),
  sse: z
    .enum(['AES256', 'aws:kms'])
    .optional()
    .describe('How the server encrypts; as the bucket says unless given.'),
  kmsKeyId: text.optional().describe('The KMS key, with `sse: aws:kms`.'),
})

export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Where editors find the JSON Schema of this file.'),
  out: text.optional().describe('Folder where outputs are written.'),
  baseUrl: text.optional().describe("What goes before an output's path in the manifest's `url`."),
  base: text.optional().describe('Folder that `{dir}` in output paths is relative to.'),
  path: text.optional().describe('Path template of the outputs of presets that have none.'),
  manifest: z
    .union([text, z.literal(false)], { error: 'a file name, or false for none' })
    .optional()
    .describe('File of the manifest, or `false` for none; `manifest.json` in `out` unless given.'),
  concurrency: count('images')
    .optional()
    .describe('Images in work at once; as many as there are cores unless given.'),
  presets: z
    .record(z.string(), presetSchema)
    .optional()
    .describe('Presets by name; they win over shipped ones.'),
  analyzers: z
    .record(z.string(), text)
    .optional()
    .describe('Analyzers of your own: names, and the modules that export them (paths or packages).'),
  stores: z
    .record(z.string(), text)
    .optional()
    .describe('Stores of your own: schemes, and the modules that export them (paths or packages).'),
  s3: s3Schema.optional().describe('Where buckets are, and how images are written into them.'),
  batches: z.array(batchSchema).optional().describe('What `imgproc run` makes when no inputs are typed.'),
  ignore: list.optional().describe('Globs of inputs to leave out.'),
  limits: limitsSchema.optional().describe('What one image may cost.'),
  failOn: z
    .enum(['none', 'truncated', 'error', 'warning'])
    .optional()
    .describe('The least damage of a source that makes it fail; `error` unless given.'),
})

/** A config file's content, validated. */
export type Config = z.output<typeof configSchema>

/** A preset as it is written, before what it extends is filled in. */
export type Preset = z.output<typeof presetSchema>
