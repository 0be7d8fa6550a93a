import { z } from 'zod'
import { ERRORS, type ErrorCode } from '../errors.js'

const text = z.string()
const count = z.int().nonnegative()

/** A number of a limit. JSON has no Infinity, so that null stands for it. */
const limit = z.number().positive().nullable()

// Object.keys returns strings, but the keys of the table are the codes.
const codes = Object.keys(ERRORS) as ErrorCode[]

const errorRecord = z.object({
  code: z.enum(codes),
  message: text,
  stage: z.enum(['usage', 'config', 'plan', 'read', 'decode', 'render', 'encode', 'write']),
  retryable: z.boolean(),
})

const made = {
  preset: text,
  path: text,
  url: text.optional(),
  format: text,
  mime: text,
  width: count,
  height: count,
  pages: count.optional(),
  delay: z.array(count).optional(),
  loop: count.optional(),
  page: count.optional(),
  sourcePages: count.optional(),
  bytes: count,
  hash: text,
  recipe: text,
  quality: z.number().optional(),
  similarity: z.number().optional(),
  warnings: z.array(text).optional(),
  preview: z.literal('embedded').optional(),
}

const output = z.discriminatedUnion('action', [
  z.object({ action: z.literal('written'), ...made }),
  z.object({ action: z.literal('unchanged'), ...made }),
  z.object({ action: z.literal('skipped'), preset: text, path: text, recipe: text, reason: text }),
  z.object({ action: z.literal('failed'), preset: text, path: text, recipe: text, error: errorRecord }),
])

const rendition = z.object({
  preset: text,
  target: text,
  // Validated by the operations themselves.
  ops: z.array(z.unknown()),
  recipe: text,
  width: count.optional(),
  narrower: z.array(count).optional(),
  widthAt: count.optional(),
  sharedWidth: count.optional(),
  skipSmaller: z.literal(true).optional(),
  whenUnsafe: z.object({ moderation: z.number(), do: z.enum(['skip', 'blur', 'fail']) }).optional(),
  reason: text.optional(),
  before: text.optional(),
})

const job = z.object({
  id: text,
  path: text,
  source: z.object({
    ref: text.min(1),
    size: count,
    modified: text.optional(),
    etag: text.optional(),
    changed: z.number().optional(),
  }),
  renditions: z.array(rendition),
  settled: z.array(output).optional(),
  isSame: z.literal(true).optional(),
  out: text.min(1),
  baseUrl: text.optional(),
  analyze: z.array(text),
  known: z.record(text, z.unknown()).optional(),
  limits: z.object({ pixels: limit, bytes: limit, frames: limit, seconds: limit }),
  failOn: z.enum(['none', 'truncated', 'error', 'warning']),
})

const tool = z.object({ name: text, version: text, sharp: text, libvips: text })

/** The part of a message that every version of it has. */
export const envelopeSchema = z.looseObject({ format: z.int(), tool })

/** Jobs as they lie in Redis, by their ids. */
export const messageSchema = z.object({
  format: z.int(),
  tool,
  jobs: z.record(text, job).refine((jobs) => Object.keys(jobs).length > 0, 'a job'),
  operations: z.record(text, text).optional(),
  claims: z.object({ key: text, after: z.array(text) }).optional(),
})

/** A result as it lies in Redis: the producer has the job. */
export const resultSchema = z.object({
  status: z.enum(['ready', 'partial', 'failed', 'skipped']),
  source: z
    .object({
      bytes: count,
      width: count.optional(),
      height: count.optional(),
      format: text.optional(),
      hash: text.optional(),
    })
    .optional(),
  outputs: z.array(output),
  analysis: z.record(text, z.unknown()).optional(),
  analysisErrors: z.array(z.object({ name: text, error: errorRecord })).optional(),
  error: errorRecord.optional(),
  ms: z.number().nonnegative(),
})
