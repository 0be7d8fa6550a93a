import { randomUUID } from 'node:crypto'

/** Place of a request in a distributed trace: W3C Trace Context. */
export interface Trace {
  /** 32 hex digits, the same in all services. */
  readonly traceId: string
  /** 16 hex digits, of this request only. */
  readonly spanId: string
  /** 2 hex digits; the lowest bit says that the caller records the trace. */
  readonly flags: string
}

const TRACEPARENT =
  /^(?<version>[\da-f]{2})-(?<traceId>[\da-f]{32})-(?<parent>[\da-f]{16})-(?<flags>[\da-f]{2})(?<more>-.*)?$/

/** Ids that other systems make: UUIDs, ULIDs, numbers, `Root=1-…`. Nothing that could break a line of a log. */
const REQUEST_ID = /^[\w.:=+/@-]{1,128}$/

/** Continues the trace of a `traceparent` header, or begins one if the header is missing or wrong. */
export function continueTrace(header: string | undefined): Trace {
  const spanId = randomDigits().slice(16)
  const {
    version = '',
    traceId = '',
    parent = '',
    flags = '',
    more,
  } = TRACEPARENT.exec(header ?? '')?.groups ?? {}
  // Version 00 has exactly four fields; later ones may have more.
  const isValid =
    version !== '' &&
    version !== 'ff' &&
    !isZero(traceId) &&
    !isZero(parent) &&
    (version !== '00' || more === undefined)
  return isValid ? { traceId, spanId, flags } : { traceId: randomDigits(), spanId, flags: '00' }
}

/** Returns the `traceparent` header. */
export function formatTrace({ traceId, spanId, flags }: Trace): string {
  return `00-${traceId}-${spanId}-${flags}`
}

/** Returns the id that a proxy has given to the request, if it is harmless, or a new one. */
export function toRequestId(header: string | undefined): string {
  return header !== undefined && REQUEST_ID.test(header) ? header : randomUUID()
}

/** Returns 32 hex digits that are not all zero. Node.js keeps random bytes for UUIDs, so this takes a tenth of `randomBytes`. */
function randomDigits(): string {
  return randomUUID().replaceAll('-', '')
}

function isZero(digits: string): boolean {
  return /^0*$/.test(digits)
}
