import { type Failure, fieldOf, textOf } from '../cloud/failure.js'

const NOT_JSON = 'the file of the credentials is not JSON'

/**
 * Reads the properties of an error of the SDK, of its library for credentials, or of the system. `code` of the first is a
 * status, of the second a text of it, of the third a name.
 */
export function toFailure(error: unknown): Failure {
  const response = fieldOf(error, 'response')
  const status = statusOf(error, response)
  const code = textOf(error, 'code')
  const isSystem = /^(?:E[A-Z_]+|CERT_|DEPTH_|SELF_|UNABLE_)/.test(code)
  const body = bodyOf(error)
  const reason = textOf(fieldOf(fieldOf(error, 'errors'), '0'), 'reason')
  return {
    name: reason || body.reason || textOf(error, 'name'),
    code: isSystem ? code : textOf(fieldOf(error, 'cause'), 'code'),
    // A parser quotes the text that it fails at, which is a key here.
    message: error instanceof SyntaxError ? NOT_JSON : body.message || textOf(error, 'message'),
    status,
    requestId: '',
    headers: headersOf(fieldOf(response, 'headers')),
  }
}

function statusOf(error: unknown, response: unknown): number {
  for (const value of [fieldOf(error, 'code'), fieldOf(response, 'status'), fieldOf(error, 'status')]) {
    const status = Number(value)
    if (Number.isInteger(status) && status >= 100 && status < 600) return status
  }
  return 0
}

/** Reads the body of an answer: the SDK gives that of a failed download as the message, whatever it is. */
function bodyOf(error: unknown): { readonly message: string; readonly reason: string } {
  const text = textOf(error, 'message')
  if (!text.startsWith('{')) return { message: '', reason: '' }
  try {
    const body: unknown = JSON.parse(text)
    const inner = fieldOf(body, 'error')
    return {
      message: textOf(inner, 'message') || textOf(body, 'error_description'),
      reason: textOf(fieldOf(fieldOf(inner, 'errors'), '0'), 'reason'),
    }
  } catch {
    return { message: '', reason: '' }
  }
}

/** Returns headers as an object: an object already, or one of the class of the web. */
function headersOf(headers: unknown): Readonly<Record<string, string>> {
  if (headers instanceof Headers) return Object.fromEntries(headers)
  // By the type of the SDK.
  return typeof headers === 'object' && headers !== null ? (headers as Record<string, string>) : {}
}
