import { type Failure, fieldOf, textOf } from '../cloud/failure.js'

/** Reads the properties of an error of the SDK. */
export function toFailure(error: unknown): Failure {
  const metadata = fieldOf(error, '$metadata')
  const status = fieldOf(metadata, 'httpStatusCode')
  const headers = fieldOf(fieldOf(error, '$response'), 'headers')
  return {
    name: textOf(error, 'name'),
    code: textOf(error, 'code') || textOf(fieldOf(error, 'cause'), 'code'),
    message: textOf(error, 'message'),
    status: typeof status === 'number' ? status : 0,
    requestId: textOf(metadata, 'requestId'),
    // The SDK's type of headers; absent without an answer.
    headers: typeof headers === 'object' && headers !== null ? (headers as Record<string, string>) : {},
    clockCorrected: fieldOf(metadata, 'clockSkewCorrected') === true,
  }
}
