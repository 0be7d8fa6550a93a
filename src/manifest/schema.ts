import { z } from 'zod'
import { ERRORS } from '../errors.js'
import type { ErrorCode } from '../errors.js'
import type { Manifest, ManifestEntry, ManifestHead } from './types.js'

const count = z.int().nonnegative()
const pixels = z.int().positive()
const sha256 = z.string().startsWith('sha256:').describe('`sha256:` and the hash of the bytes')

// The keys of the table are the codes; Object.keys knows them only as strings.
const codes = Object.keys(ERRORS) as ErrorCode[]

const errorSchema = z.looseObject({
  code: z.enum(codes),
  message: z.string().describe('What went wrong, where, why and what to do'),
  stage: z.enum(['usage', 'config', 'plan', 'read', 'decode', 'render', 'encode', 'write']),
  retryable: z.boolean().describe('Whether the same may succeed later'),
})

const readySchema = z.looseObject({
  preset: z.string(),
  status: z.literal('ready'),
  path: z.string().describe('Relative to the manifest, with /'),
  url: z.string().exactOptional().describe('Where the config has a baseUrl'),
  format: z.string(),
  mime: z.string(),
  width: pixels.describe('Pixels'),
  height: pixels.describe('Pixels, of one frame'),
  pages: pixels.exactOptional().describe('Frames of an animation'),
  quality: pixels.exactOptional().describe('What maxBytes or an automatic quality came to'),
  similarity: z.number().exactOptional().describe('What an automatic quality keeps: SSIM, 1 at most'),
  preview: z.literal('embedded').exactOptional().describe("Made from the camera's own small picture"),
  bytes: count,
  hash: sha256,
  recipe: z.string().describe('The hash of everything but the source that decided its bytes'),
  stale: z.literal(true).exactOptional().describe('The source has changed since'),
})

const failedSchema = z.looseObject({
  preset: z.string(),
  status: z.literal('failed'),
  path: z.string().describe('Where it would have been'),
  recipe: z.string(),
  error: errorSchema,
})

const sourceSchema = z.looseObject({
  path: z
    .string()
    .describe("Relative to the config file's folder or the working directory, with /; or a URL"),
  bytes: count.exactOptional(),
  width: pixels.exactOptional().describe('Pixels, as a viewer sees them'),
  height: pixels.exactOptional().describe('Pixels, as a viewer sees them'),
  format: z.string().exactOptional(),
  hash: sha256.exactOptional(),
})

export const entrySchema: z.ZodType<ManifestEntry> = z.looseObject({
  id: z.string().describe("A hash of the source's path"),
  source: sourceSchema,
  status: z.enum(['ready', 'partial', 'failed', 'skipped']),
  reason: z.string().exactOptional().describe('Why it was skipped'),
  outputs: z.array(z.discriminatedUnion('status', [readySchema, failedSchema])),
  analysis: z
    .record(z.string(), z.unknown())
    .exactOptional()
    .describe('What analyzers found, by their names'),
  error: errorSchema.exactOptional().describe('Why the source as a whole failed'),
})

const head = {
  $schema: z.string().exactOptional(),
  version: z.literal(1).describe('Of the format of this file'),
  tool: z.looseObject({
    name: z.literal('imgproc'),
    version: z.string(),
    sharp: z.string(),
    libvips: z.string(),
  }),
}

export const headSchema: z.ZodType<ManifestHead> = z.looseObject(head)

/** Validates a manifest that is read, and is the source of its JSON Schema. Keys it doesn't know are kept. */
export const manifestSchema: z.ZodType<Manifest> = z.looseObject({ ...head, entries: z.array(entrySchema) })
