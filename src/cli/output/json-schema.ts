import { z } from 'zod'
import type { Diagnosis } from '../../doctor/diagnose.js'
import { ERRORS, type ErrorRecord, type Failure } from '../../errors.js'
import { inspectionSchema } from '../../inspect/schema.js'
import type { Summary } from '../../jobs/summary.js'
import { operations } from '../../operations/parse-operations.js'
import type { QueueStatus } from '../../queue/status/read-status.js'
import type { PictureImage, PictureSource } from '../../report/picture/types.js'

const count = z.int().nonnegative()
const pixels = z.int().positive()
const texts = z.array(z.string())
const codes = Object.keys(ERRORS) as ErrorRecord['code'][] // the table's keys

const error: z.ZodType<ErrorRecord> = z
  .strictObject({
    code: z.enum(codes).describe('Stable; imgproc explain CODE tells what to do'),
    message: z.string(),
    stage: z.enum(['usage', 'config', 'plan', 'read', 'decode', 'render', 'encode', 'write']),
    retryable: z.boolean().describe('True if the same may succeed later'),
  })
  .meta({ id: 'error' })

const failure: z.ZodType<Failure> = z.strictObject({
  path: z.string().describe("The source's path"),
  preset: z.string().exactOptional().describe('Absent if the whole source failed'),
  analyzer: z.string().exactOptional(),
  error,
})

const made = {
  preset: z.string().describe('Empty without a preset'),
  path: z.string().describe('Below the output folder, with /'),
  recipe: z.string().describe('Hash of all settings that decide its bytes'),
}

const file = {
  ...made,
  url: z.string().optional().describe('Present if the config has a baseUrl'),
  format: z.string(),
  mime: z.string(),
  width: pixels,
  height: pixels.describe('Of one frame'),
  pages: pixels.optional().describe('Frames of an animation'),
  delay: z.array(count).optional().describe('Milliseconds of each frame of an animation'),
  loop: count.optional().describe('Number of times an animation plays; 0 is endless'),
  page: count
    .optional()
    .describe('The page of the source that a still shows, from 0 on, if there are several'),
  sourcePages: pixels.optional().describe('Pages, frames or pictures in the source'),
  bytes: count,
  hash: z.string().describe('`sha256:` and the hash of the bytes'),
  quality: pixels.optional().describe('Chosen by maxBytes or an automatic quality'),
  similarity: z.number().max(1).optional().describe('SSIM, measured by an automatic quality'),
  preview: z.literal('embedded').optional(),
  warnings: texts.optional(),
}

const output = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('written'), ...file }),
  z.strictObject({ action: z.literal('unchanged'), ...file }),
  z.strictObject({ action: z.literal('skipped'), ...made, reason: z.string() }),
  z.strictObject({ action: z.literal('failed'), ...made, error }),
])

const result = z
  .strictObject({
    source: z.string().describe("The source's path, relative to the config's folder, or a URL"),
    status: z
      .enum(['ready', 'partial', 'failed', 'skipped'])
      .describe('partial: some outputs failed; skipped: all were left out'),
    outputs: z.array(output),
    analysis: z.record(z.string(), z.unknown()).optional().describe('Findings of analyzers, by name'),
    analysisErrors: z.array(z.strictObject({ name: z.string(), error })).optional(),
    error: error.optional().describe('The error that failed the whole source'),
    ms: count.describe('Milliseconds from reading to writing'),
  })
  .meta({ id: 'result', description: 'A line of run and thumbs, for each source' })

const summary: z.ZodType<Summary> = z.strictObject({
  sources: z.strictObject({ total: count, ready: count, partial: count, failed: count, skipped: count }),
  renditions: z.strictObject({ written: count, unchanged: count, skipped: count, failed: count }),
  bytes: z.strictObject({ in: count, out: count }).describe('Bytes that were read and written'),
  seconds: z.number().nonnegative(),
  ignored: z.record(z.string(), count).describe('Files that are not images, by extension'),
  sniffed: count.exactOptional().describe('Files whose first bytes were read, since their names do not tell'),
  failures: z.array(failure),
  pruned: count.exactOptional().describe('Outputs that were removed, with --prune'),
  stopped: z
    .strictObject({ by: z.enum(['bail', 'maxFailures', 'unwritable']), left: count })
    .exactOptional()
    .describe('Why the run stopped early, and how many images were not started'),
  warnings: texts.exactOptional(),
  manifest: z.string().exactOptional().describe('Path of the manifest'),
})

const lastLine = z
  .strictObject({ summary })
  .meta({ id: 'summary', description: 'The last line of run and thumbs' })

const pending = z
  .strictObject({
    source: z.string(),
    preset: z.string().optional(),
    path: z.string().optional().describe('The planned output; tokens may be open until it is made'),
    analyze: texts.optional().describe('Missing analyses'),
    reason: z.string().describe('Such as new, source changed or output missing'),
  })
  .meta({ id: 'pending', description: 'A line of --dry-run, --check and check, for each output to make' })

const planned = z
  .strictObject({
    plan: z.strictObject({
      sources: count,
      pending: count,
      unchanged: count,
      prune: count.optional().describe('Outputs that --prune would remove'),
    }),
  })
  .meta({ id: 'plan', description: 'The last line of --dry-run, --check and check' })

const ops = z.array(z.record(z.string(), z.unknown()))

const presets = z
  .array(
    z.strictObject({
      name: z.string(),
      origin: z.enum(['shipped', 'config']),
      ops,
      widths: z.array(pixels).optional(),
      formats: z.array(z.unknown()).optional(),
      after: ops.optional(),
      path: z.string().optional(),
      skipSmaller: z.boolean().optional(),
      whenUnsafe: z.strictObject({ moderation: z.number(), do: z.enum(['skip', 'blur', 'fail']) }).optional(),
      analyze: texts.optional(),
    }),
  )
  .meta({ id: 'presets', description: 'list presets' })

const operationList = z
  .array(
    z.strictObject({
      name: z.enum(operations.map(({ name }) => name)),
      summary: z.string(),
      example: z.unknown(),
      params: z.record(z.string(), z.unknown()).describe('JSON Schema of the parameters'),
    }),
  )
  .meta({ id: 'operations', description: 'list ops' })

const diagnosis: z.ZodType<Diagnosis> = z
  .strictObject({
    ok: z.boolean().describe('True if nothing is missing and nothing failed'),
    checks: z.array(
      z.strictObject({
        about: z.string().describe('The group, or the URL of a location'),
        name: z.string(),
        mark: z.enum(['ok', 'missing', 'failed', 'untried']),
        found: z.string().describe('The finding, and how to fix it'),
      }),
    ),
  })
  .meta({ id: 'diagnosis', description: 'doctor' })

const imageSource: z.ZodType<PictureSource> = z.strictObject({
  media: z.string().exactOptional(),
  type: z.string().describe('Media type'),
  srcset: z.string(),
  sizes: z.string().exactOptional(),
  width: pixels,
  height: pixels,
})

const image: z.ZodType<PictureImage> = z.strictObject({
  src: z.string(),
  srcset: z.string().exactOptional(),
  sizes: z.string().exactOptional(),
  width: pixels,
  height: pixels,
  alt: z.string(),
  loading: z.enum(['lazy', 'eager']),
  decoding: z.enum(['async', 'sync', 'auto']),
  fetchpriority: z.enum(['high', 'low', 'auto']).exactOptional(),
  class: z.string().exactOptional(),
})

const pictures = z
  .record(
    z.string(),
    z.strictObject({
      sources: z.array(imageSource),
      img: image,
      placeholder: z
        .strictObject({ color: z.string(), dataUrl: z.string().optional(), background: z.string() })
        .optional(),
    }),
  )
  .meta({ id: 'pictures', description: 'markup --format json: a picture for each source' })

const queueStatus: z.ZodType<QueueStatus> = z
  .strictObject({
    queue: z.string(),
    waiting: count,
    active: count,
    delayed: count.describe('Tried again later'),
    done: count,
    failed: count,
    ungathered: count.describe('Results that wait for a run to gather them'),
    rate: z.number().nonnegative().describe('Images a second, over the last minute'),
    workers: count,
    dead: z
      .array(z.strictObject({ id: z.string(), path: z.string(), error: z.string(), attempts: count }))
      .describe('The last failures'),
  })
  .meta({ id: 'status', description: 'status' })

const enqueued = z
  .strictObject({ queued: count, known: count.describe('Jobs that were in the queue before') })
  .meta({ id: 'enqueued', description: 'enqueue' })

const inspection = inspectionSchema.meta({ id: 'inspection', description: 'A line of inspect' })

/** Schema of what commands print with `--json`: a line, or the whole of those that print one value. */
export const outputSchema = z.union([
  result,
  lastLine,
  pending,
  planned,
  inspection,
  presets,
  operationList,
  diagnosis,
  pictures,
  queueStatus,
  enqueued,
])
