import { z } from 'zod'
import { ERRORS } from '../errors.js'
import type { ErrorCode, ErrorRecord } from '../errors.js'

/** What a folder of outputs holds, and what each was made from. */
export interface Manifest {
  readonly $schema?: string
  /** Of the format of this file. */
  readonly version: 1
  readonly tool: ManifestTool
  readonly entries: readonly ManifestEntry[]
}

/** What wrote the manifest last. */
export interface ManifestTool {
  readonly name: 'imgproc'
  readonly version: string
  readonly sharp: string
  readonly libvips: string
}

/** One source and all that was made from it. */
export interface ManifestEntry {
  /** A hash of the source's path. */
  readonly id: string
  readonly source: ManifestSource
  /** `partial`: some outputs are there and some failed. `skipped`: none was wanted of this source. */
  readonly status: 'ready' | 'partial' | 'failed' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string
  readonly outputs: readonly ManifestOutput[]
  /** What analyzers found in the source, by their names. */
  readonly analysis?: Readonly<Record<string, unknown>>
  /** Why the source as a whole failed. */
  readonly error?: ErrorRecord
}

/** The source, as it was when it was read last. */
export interface ManifestSource {
  /** Relative to the config file's folder or the working directory, with `/`; or a URL without query. */
  readonly path: string
  readonly bytes?: number
  /** Pixels, as a viewer sees them. */
  readonly width?: number
  /** Pixels, as a viewer sees them. */
  readonly height?: number
  readonly format?: string
  /** `sha256:` and the hash of its bytes, where all of them were read. */
  readonly hash?: string
}

/** An output that is there, or one that could not be made. */
export type ManifestOutput = ReadyOutput | FailedOutput

export interface ReadyOutput {
  readonly preset: string
  readonly status: 'ready'
  /** Relative to the manifest, with `/`. */
  readonly path: string
  readonly url?: string
  readonly format: string
  readonly mime: string
  /** Pixels. */
  readonly width: number
  /** Pixels, of one frame. */
  readonly height: number
  /** Frames of an animation. */
  readonly pages?: number
  readonly bytes: number
  /** `sha256:` and the hash of its bytes. */
  readonly hash: string
  /** The hash of everything but the source that decided its bytes. */
  readonly recipe: string
  /** The source has changed since, and only other presets were made again. */
  readonly stale?: true
}

export interface FailedOutput {
  readonly preset: string
  readonly status: 'failed'
  /** Where it would have been; what only the picture tells may be a token in it. */
  readonly path: string
  readonly recipe: string
  readonly error: ErrorRecord
}

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

const entrySchema = z.looseObject({
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

/** Validates a manifest that is read, and is the source of its JSON Schema. Keys it doesn't know are kept. */
export const manifestSchema: z.ZodType<Manifest> = z.looseObject({
  $schema: z.string().exactOptional(),
  version: z.literal(1).describe('Of the format of this file'),
  tool: z.looseObject({
    name: z.literal('imgproc'),
    version: z.string(),
    sharp: z.string(),
    libvips: z.string(),
  }),
  entries: z.array(entrySchema),
})
