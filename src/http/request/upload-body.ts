import { collectStream } from '../../utils/collect-stream.js'
import { createFileTooLargeError, createRequestError, toBodyError } from './body-errors.js'
import type { ByteBudget } from './byte-budget.js'
import { readJsonUpload, type FileSources } from './json-upload.js'
import { readMultipartUpload } from './multipart-upload.js'
import type { UploadPart } from './upload-part.js'
import { SETTINGS } from './upload-settings.js'

export interface UploadBodyOptions extends FileSources {
  /** Bytes of a file. */
  readonly maxBytes: number
  /** Memory for bodies. */
  readonly budget: ByteBudget
}

/** Files and fields of a form. */
const MAX_PARTS = 100
/** Bytes of a body beside its files: fields, boundaries, or JSON around base64. */
const MARGIN = 64 * 1024

/**
 * Reads the body of an upload: a form, JSON, or the bytes of one file. Size limits hold before reading, by Content-Length, and
 * during it. Settings may also be parameters of the URL.
 *
 * @throws ImgprocError INPUT_TOO_LARGE, INVALID_USAGE, OVERLOADED, ABORTED, and the errors of the sources.
 */
export async function* readUploadBody(
  request: Request,
  options: UploadBodyOptions,
): AsyncGenerator<UploadPart> {
  const { maxBytes, budget } = options
  const { signal } = request
  const contentType = request.headers.get('content-type') ?? ''
  const kind = kindOf(contentType)
  const most = mostBytes(kind, maxBytes)
  const length = Number(request.headers.get('content-length') ?? Number.NaN)
  if (length > most) throw createFileTooLargeError(maxBytes)
  const query = new URL(request.url).searchParams
  for (const [name, value] of query) {
    // A signature is a parameter too.
    if (SETTINGS.some((one) => one === name)) yield { kind: 'field', name, value }
  }
  // One file of a form is in memory at a time.
  const release = await budget.take(
    Math.min(Number.isNaN(length) ? most : length, most, maxBytes * 2),
    signal,
  )
  try {
    const body = request.body ?? new ReadableStream({ start: (controller) => controller.close() })
    if (kind === 'form') {
      yield* readMultipartUpload(body, contentType, { maxBytes, maxParts: MAX_PARTS })
      return
    }
    const createLimitError = () => createFileTooLargeError(maxBytes)
    const bytes = await collectStream(body, { maxBytes: most, createLimitError, signal })
    if (!Number.isNaN(length) && bytes.length < length) throw createCutOffError(bytes.length, length)
    if (kind === 'json') {
      for await (const part of readJsonUpload(bytes, options)) {
        // Base64 is a third longer than its bytes, so the limit of the body is not that of the file.
        if (part.kind === 'file' && part.file.bytes.length > maxBytes) throw createLimitError()
        yield part
      }
    } else yield { kind: 'file', file: { bytes, filename: query.get('filename') ?? nameIn(request.headers) } }
  } catch (error) {
    throw toBodyError(error, signal)
  } finally {
    release()
  }
}

type BodyKind = 'form' | 'json' | 'file'

function kindOf(contentType: string): BodyKind {
  if (/^\s*multipart\/form-data\b/i.test(contentType)) return 'form'
  return /^\s*application\/json\b/i.test(contentType) ? 'json' : 'file'
}

function mostBytes(kind: BodyKind, maxBytes: number): number {
  if (kind === 'form') return (maxBytes + MARGIN) * MAX_PARTS
  return kind === 'json' ? Math.ceil(maxBytes / 3) * 4 + MARGIN : maxBytes
}

/** Returns the name in `Content-Disposition`: that with an encoding, if there is one. */
function nameIn(headers: Headers): string | undefined {
  const header = headers.get('content-disposition') ?? ''
  const [, encoded] = /filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)/i.exec(header) ?? []
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded)
    } catch {
      // The other one may be right.
    }
  }
  const [, quoted, plain] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header) ?? []
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? plain
}

function createCutOffError(received: number, announced: number) {
  return createRequestError(`The body has ${received} bytes, but ${announced} were announced. Send it again.`)
}
