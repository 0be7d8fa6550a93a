import { z } from 'zod'
import { once } from '../utils/once.js'
import { ERRORS } from '../errors.js'
import type { ErrorCode } from '../errors.js'
import type { Manifest, ManifestEntry, ManifestHead, ReadyOutput } from './types.js'

const count = once(() => z.int().nonnegative())
const pixels = once(() => z.int().positive())
const sha256 = once(() => z.string().startsWith('sha256:').describe('`sha256:` and the hash of the bytes'))

// Object.keys returns strings, but the keys of the table are the codes.
const codes = Object.keys(ERRORS) as ErrorCode[]

const errorSchema = once(() =>
  z.looseObject({
    code: z.enum(codes),
    message: z.string().describe('The problem, its place and cause, and a way to solve it'),
    stage: z.enum(['usage', 'config', 'plan', 'read', 'decode', 'render', 'encode', 'write']),
    retryable: z.boolean().describe('True if the same may succeed later'),
  }),
)

// Wider than the types: later versions may write other formats, and analyzers may be the user's own.
const outputFormat = once(() => z.string() as z.ZodType as z.ZodType<ReadyOutput['format']>)
const findings = once(
  () => z.record(z.string(), z.unknown()) as z.ZodType as z.ZodType<NonNullable<ManifestEntry['analysis']>>,
)

const readySchema = once(() =>
  z.looseObject({
    preset: z.string(),
    status: z.literal('ready'),
    path: z.string().describe('Relative to the manifest, with /'),
    url: z.string().exactOptional().describe('Present if the config has a baseUrl'),
    format: outputFormat(),
    mime: z.string(),
    width: pixels().describe('Pixels'),
    height: pixels().describe('Pixels of one frame'),
    pages: pixels().exactOptional().describe('Frames of an animation as written: encoders join equal frames'),
    delay: z.array(count()).readonly().exactOptional().describe('Milliseconds of each frame of an animation'),
    loop: count().exactOptional().describe('Number of times an animation plays; 0 is endless'),
    page: count()
      .exactOptional()
      .describe(
        'The page, frame or picture of the source that a still shows, from 0 on, if there are several',
      ),
    sourcePages: pixels().exactOptional().describe('Pages, frames or pictures in the source of that still'),
    quality: pixels().exactOptional().describe('The quality chosen by maxBytes or an automatic quality'),
    similarity: z
      .number()
      .exactOptional()
      .describe('Similarity to the original that an automatic quality keeps: SSIM, at most 1'),
    preview: z.literal('embedded').exactOptional().describe("Made from the camera's embedded preview"),
    warnings: z
      .array(z.string())
      .readonly()
      .exactOptional()
      .describe('Metadata that could not be kept, and parts of the source that were not drawn'),
    bytes: count(),
    hash: sha256(),
    recipe: z.string().describe('Hash of all settings that decide its bytes'),
    stale: z.literal(true).exactOptional().describe('Made from an older version of the source'),
  }),
)

const failedSchema = once(() =>
  z.looseObject({
    preset: z.string(),
    status: z.literal('failed'),
    path: z.string().describe('The planned path'),
    recipe: z.string(),
    error: errorSchema(),
  }),
)

const sourceSchema = once(() =>
  z.looseObject({
    path: z
      .string()
      .describe("Relative to the config file's folder or the working directory, with /; or a URL"),
    bytes: count().exactOptional(),
    width: pixels().exactOptional().describe('Pixels, after EXIF orientation'),
    height: pixels().exactOptional().describe('Pixels, after EXIF orientation'),
    format: z.string().exactOptional(),
    hash: sha256().exactOptional(),
  }),
)

/** Schema of a manifest entry. Keeps unknown keys. */
export const entrySchema: () => z.ZodType<ManifestEntry> = once(() =>
  z.looseObject({
    id: z.string().describe("A hash of the source's path"),
    source: sourceSchema(),
    status: z.enum(['ready', 'partial', 'failed', 'skipped']),
    reason: z.string().exactOptional().describe('The reason for a skipped source'),
    outputs: z.array(z.discriminatedUnion('status', [readySchema(), failedSchema()])),
    analysis: findings().exactOptional().describe('Findings of analyzers, by analyzer name'),
    error: errorSchema().exactOptional().describe('The error if the source as a whole failed'),
  }),
)

const head = once(() => ({
  $schema: z.string().exactOptional(),
  version: z.literal(1).describe('Version of this file format'),
  tool: z.looseObject({
    name: z.literal('imgproc'),
    version: z.string(),
    sharp: z.string(),
    libvips: z.string(),
  }),
}))

/** Schema of a manifest without its entries. Keeps unknown keys. */
export const headSchema: () => z.ZodType<ManifestHead> = once(() => z.looseObject(head()))

/** Schema of a manifest, from which its JSON Schema is generated. Keeps unknown keys. */
export const manifestSchema: () => z.ZodType<Manifest> = once(() =>
  z.looseObject({ ...head(), entries: z.array(entrySchema()) }),
)
