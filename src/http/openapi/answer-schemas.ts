import { z } from 'zod'
import { ERRORS } from '../../errors.js'

const pixels = z.int().positive().describe('Pixels.')
const bytes = z.int().nonnegative().describe('Bytes.')
const hash = z.string().regex(/^sha256:[\da-f]{64}$/)
const time = z.iso.datetime()
const path = z.string().describe('Path to download it from.')
const size = z.strictObject({ width: pixels, height: pixels, bytes })

const failure = z.strictObject({
  code: z.enum(Object.keys(ERRORS)),
  message: z.string().describe('The problem, its cause, and a way to solve it.'),
  stage: z.string(),
  retryable: z.boolean().describe('True if the same may succeed later.'),
})

const readyOutput = z.strictObject({
  status: z.literal('ready'),
  preset: z.string(),
  format: z.string(),
  mime: z.string(),
  width: pixels,
  height: pixels,
  bytes,
  hash,
  url: path,
  pages: z.int().positive().optional().describe('Frames of an animation.'),
  delay: z.array(z.int().nonnegative()).optional().describe('Milliseconds of each frame.'),
  loop: z.int().nonnegative().optional().describe('Number of times it plays; 0 is endless.'),
  page: z.int().nonnegative().optional().describe('The page of the source that a still shows, from 0 on.'),
  sourcePages: z.int().positive().optional().describe('Pages, frames or pictures in the source.'),
  quality: z.int().optional().describe('The quality that `maxBytes` or an automatic quality has chosen.'),
  similarity: z.number().optional().describe('Similarity to the original: SSIM.'),
  preview: z.literal('embedded').optional(),
  warnings: z.array(z.string()).optional(),
})

const output = z.discriminatedUnion('status', [
  readyOutput,
  z.strictObject({ status: z.literal('skipped'), preset: z.string(), reason: z.string() }),
  z.strictObject({ status: z.literal('failed'), preset: z.string(), error: failure }),
])

/** An upload, as `toImageJson` shows it. */
const imageSchema = z.strictObject({
  id: z.string().describe('UUIDv7: sorts by the time of the upload.'),
  filename: z.string(),
  status: z.enum(['queued', 'processing', 'ready', 'partial', 'failed']),
  createdAt: time,
  expiresAt: time.optional(),
  deleteAfterDownload: z.literal(true).optional(),
  priority: z.enum(['low', 'normal', 'high']),
  presets: z.array(z.string()),
  original: z.strictObject({
    format: z.string(),
    mime: z.string(),
    width: pixels,
    height: pixels,
    bytes,
    hash,
    url: path,
  }),
  sizes: z.record(z.string(), size).describe('Sizes by name: `original`, and those of the outputs.'),
  outputs: z.array(output),
  analysis: z.record(z.string(), z.unknown()).optional().describe('Findings of the analyzers, by name.'),
  analysisErrors: z.array(z.strictObject({ name: z.string(), error: failure })).optional(),
  error: failure.optional(),
})

const pageSchema = z.strictObject({
  images: z.array(imageSchema).describe('Newest first.'),
  next: z.string().nullable().describe('Cursor of the next page; null at the end.'),
})

const problemSchema = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('The cause, and the remedy.'),
  code: z.enum(Object.keys(ERRORS)),
})

const statusSchema = z.strictObject({ status: z.enum(['ok', 'ready']) })

/** Schemas of answers, by their names in the document. */
export const names = z
  .registry<{ id: string }>()
  .add(failure, { id: 'Failure' })
  .add(output, { id: 'Output' })
  .add(imageSchema, { id: 'Image' })
  .add(pageSchema, { id: 'ImagePage' })
  .add(problemSchema, { id: 'Problem' })
  .add(statusSchema, { id: 'Status' })
