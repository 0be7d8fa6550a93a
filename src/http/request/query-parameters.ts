import { ImgprocError } from '../../errors.js'
import { SIGNATURE_PARAMETERS } from '../access/canonical-url.js'

/** A parameter of a query, decoded. */
export interface Parameter {
  readonly name: string
  readonly value: string
}

/** Parameters of one request: operations on a picture are few. */
const MAX_PARAMETERS = 50
const MAX_LENGTH = 4096

/** Parameters that do not change the picture. With `v` a page gets past caches. */
const IGNORED: ReadonlySet<string> = new Set(['v', ...SIGNATURE_PARAMETERS])

/**
 * Parses a query in the order that it is written, with repeats. A plus is a space, as in forms.
 *
 * @throws INVALID_USAGE for broken percent-encoding, or too many parameters.
 */
export function parseQuery(query: string): readonly Parameter[] {
  if (query.length > MAX_LENGTH) throw createQueryError(`is longer than ${MAX_LENGTH} characters`)
  const parts = query.split('&').filter((part) => part !== '')
  if (parts.length > MAX_PARAMETERS) throw createQueryError(`has more than ${MAX_PARAMETERS} parameters`)
  return parts.map(toParameter).filter(({ name }) => !IGNORED.has(name))
}

function toParameter(part: string): Parameter {
  const equals = part.indexOf('=')
  return equals < 0
    ? { name: decode(part), value: '' }
    : { name: decode(part.slice(0, equals)), value: decode(part.slice(equals + 1)) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw createQueryError(
      `holds "${text}", which is no valid percent-encoding; write a percent sign as %25`,
      cause,
    )
  }
}

function createQueryError(problem: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_USAGE', `The query ${problem}.`, { stage: 'usage', cause })
}
