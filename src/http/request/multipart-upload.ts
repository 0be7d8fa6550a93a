import {
  MaxFileSizeExceededError,
  MaxPartsExceededError,
  MultipartParseError,
  parseMultipartStream,
} from '@remix-run/multipart-parser'
import { createFileTooLargeError, createRequestError } from './body-errors.js'
import type { UploadPart } from './upload-part.js'

export interface MultipartLimits {
  /** Bytes of a file. */
  readonly maxBytes: number
  /** Files and fields. */
  readonly maxParts: number
}

/**
 * Reads an upload of a form. Holds one file at a time: the next is read when this one was taken.
 *
 * @throws ImgprocError INPUT_TOO_LARGE; INVALID_USAGE if it is cut off, or no form.
 */
export async function* readMultipartUpload(
  body: ReadableStream<Uint8Array>,
  contentType: string,
  { maxBytes, maxParts }: MultipartLimits,
): AsyncGenerator<UploadPart> {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;,\s]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) throw createRequestError('The Content-Type of the form names no boundary.')
  const limits = { boundary, maxFileSize: maxBytes, maxTotalSize: Infinity, maxParts }
  try {
    for await (const part of parseMultipartStream(body, limits)) {
      const { name = '', filename } = part
      if (filename === undefined && name !== 'image') yield { kind: 'field', name, value: part.text }
      // A browser sends an empty file for a field that was left empty.
      else if (filename !== '' || part.size > 0) yield { kind: 'file', file: { bytes: part.bytes, filename } }
    }
  } catch (error) {
    if (error instanceof MaxFileSizeExceededError) throw createFileTooLargeError(maxBytes)
    if (error instanceof MaxPartsExceededError) {
      throw createRequestError(`The form has more than ${maxParts} fields and files. Send fewer at once.`)
    }
    if (error instanceof MultipartParseError) {
      throw createRequestError(`The form is damaged or cut off: ${error.message}. Send it again.`, error)
    }
    throw error
  }
}
