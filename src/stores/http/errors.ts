import { STATUS_CODES } from 'node:http'
import { type ErrorCode, ImgprocError } from '../../errors.js'
import { errno, quote } from '../errors.js'
import { PRIVATE_CODE } from './private-addresses.js'

/** An attempt of a request that failed. */
export interface Failure {
  readonly code: ErrorCode
  /** The part of the message after the URL. */
  readonly problem: string
  readonly advice: string
  /** True if the request is worth another attempt now. */
  readonly retry: boolean
  /** True if a later run may succeed. */
  readonly retryable: boolean
  /** Seconds to wait before the next attempt, as the server asks. */
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/** Maximum seconds to wait because of a Retry-After header. */
const MAX_RETRY_AFTER = 30

const IDLE_CODE = 'ERR_IDLE'
const REDIRECT_CODE = 'ERR_REDIRECT'

/** Request Timeout, Too Early, Too Many Requests. */
const BUSY_STATUSES = new Set([408, 425, 429])

/** Explanations of error codes of the operating system and of zlib. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the server refused the connection: nothing listens on that port',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection broke',
  ETIMEDOUT: 'the server does not answer',
  EHOSTUNREACH: 'the server is not reachable from here',
  ENETUNREACH: 'there is no network, or no route to the server',
  EAI_AGAIN: 'the name server does not answer, so the host could not be found',
  Z_BUF_ERROR: 'its compressed data ends too early',
  Z_DATA_ERROR: 'its compressed data is damaged',
}

const CERTIFICATE_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; the clock of this machine may be wrong',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an unknown certificate authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an unknown certificate authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'lacks its intermediate certificates',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host',
}

/** Explains a status other than success; `retryAfter` is the Retry-After header. */
export function explainStatus(status: number, retryAfter: string | undefined): Failure {
  const answered = `the server answered ${status} ${STATUS_CODES[status] ?? ''}`.trim()
  if (status === 404 || status === 410) {
    return permanentFailure('INPUT_NOT_FOUND', `was not found: ${answered}`, 'Check the address.')
  }
  if (status === 401 || status === 403) {
    const advice = 'It may need credentials, or be a signed URL that has expired.'
    return permanentFailure('ACCESS_DENIED', `can't be read: ${answered}`, advice)
  }
  if (!BUSY_STATUSES.has(status) && status < 500) {
    return permanentFailure('READ_FAILED', `can't be read: ${answered}`, 'Check the address.')
  }
  const seconds = parseRetryAfter(retryAfter)
  const isTooLong = seconds !== undefined && seconds > MAX_RETRY_AFTER
  return {
    code: 'READ_FAILED',
    problem: `can't be read: ${answered}`,
    advice: isTooLong
      ? `Try again in ${Math.ceil(seconds)} seconds, as the server asks.`
      : 'Try again later.',
    retry: !isTooLong,
    retryable: true,
    retryAfter: seconds,
  }
}

/** Explains an error of a connection or a stream. */
export function explainConnectionError(cause: unknown): Failure {
  const code = errno(cause)
  const transient = { code: 'READ_FAILED', retry: true, retryable: true, cause } as const
  const known = REASONS[code]
  if (known !== undefined) {
    return { ...transient, problem: `can't be read: ${known} (${code})`, advice: 'Try again later.' }
  }
  if (code === 'ENOTFOUND') {
    const problem = "can't be read: there is no host of that name (ENOTFOUND)"
    return { ...transient, problem, advice: 'Check its spelling and the network.', retry: false }
  }
  if (code === IDLE_CODE) {
    return {
      ...transient,
      code: 'TIMED_OUT',
      problem: `can't be read: ${messageOf(cause)}`,
      advice: 'Try again later.',
    }
  }
  if (code === REDIRECT_CODE) {
    const problem = `can't be read: ${messageOf(cause)}`
    return { ...permanentFailure('READ_FAILED', problem, 'Check the address.'), cause }
  }
  if (code === PRIVATE_CODE) {
    const problem = "can't be read: it leads to a private address"
    return { ...permanentFailure('ACCESS_DENIED', problem, 'Only public addresses are allowed.'), cause }
  }
  const certificateReason = CERTIFICATE_REASONS[code]
  if (certificateReason !== undefined || /CERT/.test(code)) {
    const problem = `can't be read: the server's certificate ${certificateReason ?? 'is not valid'} (${code})`
    const advice = 'Check the host. To trust a certificate authority of your own, set NODE_EXTRA_CA_CERTS.'
    return { ...transient, problem, advice, retry: false }
  }
  if (/^HPE_|^EPROTO$|^ERR_SSL_/.test(code)) {
    const problem = `can't be read: the server's answer is not valid HTTP (${code})`
    const advice = 'Check the address: http or https, and the port.'
    return { ...transient, problem, advice, retry: false }
  }
  if (code.startsWith('ERR_INVALID_')) {
    const problem = `can't be requested: ${messageOf(cause)}`
    return { ...permanentFailure('INVALID_USAGE', problem, 'Check the headers.'), cause }
  }
  return { ...transient, problem: `can't be read: ${messageOf(cause)}`, advice: 'Try again later.' }
}

/** Creates the error of a connection on which nothing was received for that many seconds. */
export function createIdleError(seconds: number): Error {
  return Object.assign(new Error(`the server sent nothing for ${seconds} seconds`), { code: IDLE_CODE })
}

/** Creates the error of a redirect that is not followed; `problem` continues "the server …". */
export function createRedirectError(problem: string): Error {
  return Object.assign(new Error(`the server ${problem}`), { code: REDIRECT_CODE })
}

function permanentFailure(code: ErrorCode, problem: string, advice: string): Failure {
  return { code, problem, advice, retry: false, retryable: false }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** Converts a failure to an error; `name` is the URL without secrets. */
export function toHttpError(
  { code, problem, advice, retryable, cause }: Failure,
  name: string,
): ImgprocError {
  const message = `${quote(name)} ${problem}. ${advice}`
  return new ImgprocError(code, message, { stage: 'read', path: name, retryable, cause })
}

/** Parses a Retry-After header, which contains seconds or a date; returns seconds. */
function parseRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
