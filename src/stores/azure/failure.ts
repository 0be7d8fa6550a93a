import { type Failure, fieldOf, textOf } from '../cloud/failure.js'

/** Reads the properties of an error of the SDK or of the system. */
export function toFailure(error: unknown): Failure {
  const status = fieldOf(error, 'statusCode')
  const headers = headersOf(fieldOf(fieldOf(error, 'response'), 'headers'))
  const code = textOf(error, 'code')
  const isSystem = /^(?:E[A-Z_]+|CERT_|DEPTH_|SELF_|UNABLE_)/.test(code)
  return {
    // Answers to HEAD have no body: only this header tells the reason.
    name: headers['x-ms-error-code'] ?? (code !== '' && !isSystem ? code : textOf(error, 'name')),
    code: isSystem ? code : textOf(fieldOf(error, 'cause'), 'code'),
    // Further lines have times, identifiers and signatures.
    message: textOf(error, 'message').split('\n', 1)[0] ?? '',
    status: typeof status === 'number' ? status : 0,
    requestId: headers['x-ms-request-id'] ?? '',
    headers,
  }
}

/** Returns the headers of an answer as an object; the SDK has a class for them. */
function headersOf(headers: unknown): Readonly<Record<string, string>> {
  const toJson = fieldOf(headers, 'toJSON')
  if (typeof toJson !== 'function') return {}
  const plain: unknown = Reflect.apply(toJson, headers, [])
  // By the type of the SDK.
  return typeof plain === 'object' && plain !== null ? (plain as Record<string, string>) : {}
}
