import type { Context, Hono } from 'hono'
import { ImgprocError } from '../../errors.js'
import type { ImageRecord } from '../records/types.js'
import { createRequestError } from '../request/body-errors.js'
import { findRange } from '../response/byte-range.js'
import { contentDisposition } from '../response/content-disposition.js'
import { matchesEtag } from '../response/etag.js'
import { IMAGES_PATH } from '../response/image-json.js'
import { refuseOtherMethods, respondProblem } from '../response/problem.js'
import { streamFrom } from '../response/store-stream.js'
import type { Services } from '../services.js'
import type { Env } from '../types.js'
import type { ImageFiles } from '../uploads/image-files.js'
import { findOutput, variantOf } from '../uploads/output-variant.js'
import { callerOf } from './caller.js'

/** A file to download. */
interface Download {
  readonly ref: string
  readonly name: string
  readonly mime: string
  readonly bytes: number
  readonly hash: string
}

/** Adds `/v1/images/:id/download`: the original, or an output by `?preset=`. */
export function addDownloadRoute(app: Hono<Env>, { uploads }: Services): void {
  const { images, files } = uploads
  const path = `${IMAGES_PATH}/:id/download` as const
  app.get(path, async (context) => {
    const { req } = context
    const record = await images.find(req.param('id'), callerOf(context))
    const { ref, name, mime, bytes, hash } = findDownload(record, files, req.query())
    const etag = `"${hash.replace('sha256:', '').slice(0, 40)}"`
    const headers = {
      etag,
      'accept-ranges': 'bytes',
      'content-type': mime,
      'content-disposition': contentDisposition('attachment', name),
      // The bytes of a download never change, but the image may be removed, and belongs to its uploader.
      'cache-control': 'private, no-cache',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    }
    const known = req.header('if-none-match')
    if (known !== undefined && matchesEtag(known, etag)) return context.body(null, 304, headers)
    const asked = findRange({ range: req.header('range'), ifRange: req.header('if-range') }, bytes, etag)
    if (asked === 'none') return createRangeProblem(context, bytes)
    const range = asked === 'all' ? ([0, bytes] as const) : asked
    const length = { 'content-length': String(range[1] - range[0]) }
    const part = { 'content-range': `bytes ${range[0]}-${range[1] - 1}/${bytes}` }
    const all = { ...headers, ...length, ...(asked !== 'all' && part) }
    const status = asked === 'all' ? 200 : 206
    if (req.method === 'HEAD') return context.body(null, status, all)
    const end = asked === 'all' ? () => void images.downloaded(record).catch(() => {}) : undefined
    return context.body(await streamFrom(files.store, ref, range, end), status, all)
  })
  app.all(path, refuseOtherMethods(['GET', 'HEAD']))
}

/** Throws INPUT_NOT_FOUND if there is no such output, INVALID_USAGE for a width that is no number. */
function findDownload(
  { id, filename, original, outputs, status, presets }: ImageRecord,
  files: ImageFiles,
  { preset, width, format }: Record<string, string | undefined>,
): Download {
  const { mime, bytes, hash } = original
  if (preset === undefined) return { ref: files.original(id), name: filename, mime, bytes, hash }
  if (width !== undefined && !/^\d{1,5}$/.test(width)) {
    throw createRequestError(`width is ${JSON.stringify(width)}. Expected the pixels of an output.`)
  }
  const output = findOutput(outputs, {
    preset,
    width: width === undefined ? undefined : Number(width),
    format,
  })
  if (output === undefined) {
    const isComing = presets.includes(preset) && (status === 'queued' || status === 'processing')
    throw createNoOutputError(preset, isComing)
  }
  const ext = output.path.slice(output.path.lastIndexOf('.'))
  const stem = filename.replace(/(?<=.)\.[^.]*$/, '')
  const name = `${stem}.${variantOf(id, output)}${ext}`
  return { ...output, ref: files.output(id, output), name }
}

function createNoOutputError(preset: string, isComing: boolean): ImgprocError {
  const name = JSON.stringify(preset.slice(0, 100))
  const message = isComing
    ? `The output ${name} is not made yet. Ask again when the status of the image is ready.`
    : `The image has no such output of ${name}. Make it by POST …/outputs, or see outputs in its record.`
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read', retryable: isComing })
}

function createRangeProblem(context: Context<Env>, bytes: number): Response {
  const message = `The file has ${bytes} bytes: the range begins after its end.`
  const error = new ImgprocError('RANGE_NOT_SATISFIABLE', message, { stage: 'read' })
  const response = respondProblem(context, error)
  response.headers.set('content-range', `bytes */${bytes}`)
  return response
}
