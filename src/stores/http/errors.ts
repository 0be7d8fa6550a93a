import { STATUS_CODES } from 'node:http'
import { type ErrorCode, ImgprocError } from '../../errors.js'
import { errno, quote } from '../errors.js'
import { PRIVATE_CODE } from './private-addresses.js'

/** Why a request came to nothing. */
export interface Failure {
  readonly code: ErrorCode
  /** What comes after the URL in a sentence. */
  readonly problem: string
  readonly advice: string
  /** Whether it is worth asking again at once. */
  readonly again: boolean
  /** Whether another run may fare better. */
  readonly retryable: boolean
  /** Seconds that the server wants to be left alone. */
  readonly after?: number | undefined
  readonly cause?: unknown
}

/** Seconds that are waited at most because a server asks for it. */
const LONGEST_WAIT = 30

const IDLE_CODE = 'ERR_IDLE'
const REDIRECT_CODE = 'ERR_REDIRECT'

const BUSY = new Set([408, 425, 429])

/** What the system's and OpenSSL's codes mean, for a stranger. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the server refuses the connection: nothing listens at that port',
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was broken off',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was broken off',
  ETIMEDOUT: 'the server does not answer',
  EHOSTUNREACH: 'there is no way to the server from here',
  ENETUNREACH: 'there is no network, or no way to the server',
  EAI_AGAIN: 'the name server does not answer, so the host could not be found',
  Z_BUF_ERROR: 'its compressed data ends too early',
  Z_DATA_ERROR: 'its compressed data is damaged',
}

const CERTIFICATE_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; the clock of this machine may be wrong',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by the server itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that is unknown here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that is unknown here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes without those between it and a known authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host',
}

/** What an answer that brings no picture means; `retryAfter` is the header. */
export function explainStatus(status: number, retryAfter: string | undefined): Failure {
  const answered = `the server answered ${status} ${STATUS_CODES[status] ?? ''}`.trim()
  if (status === 404 || status === 410) {
    return final('INPUT_NOT_FOUND', `is not there: ${answered}`, 'Check the address.')
  }
  if (status === 401 || status === 403) {
    const advice = 'It may need credentials, or be a signed URL that has expired.'
    return final('ACCESS_DENIED', `may not be read: ${answered}`, advice)
  }
  if (!BUSY.has(status) && status < 500) {
    return final('READ_FAILED', `can't be read: ${answered}`, 'Check the address.')
  }
  const after = readRetryAfter(retryAfter)
  const tooLong = after !== undefined && after > LONGEST_WAIT
  return {
    code: 'READ_FAILED',
    problem: `can't be read: ${answered}`,
    advice: tooLong ? `The server asks to come back in ${Math.ceil(after)} seconds.` : 'Try again later.',
    again: !tooLong,
    retryable: true,
    after,
  }
}

/** What an error of a connection or a stream means. */
export function explainBreak(cause: unknown): Failure {
  const code = errno(cause)
  const again = { code: 'READ_FAILED', again: true, retryable: true, cause } as const
  const known = REASONS[code]
  if (known !== undefined) {
    return { ...again, problem: `can't be read: ${known} (${code})`, advice: 'Try again later.' }
  }
  if (code === 'ENOTFOUND') {
    const problem = "can't be read: there is no host of that name (ENOTFOUND)"
    return { ...again, problem, advice: 'Check its spelling and the network.', again: false }
  }
  if (code === IDLE_CODE) {
    return {
      ...again,
      code: 'TIMED_OUT',
      problem: `can't be read: ${messageOf(cause)}`,
      advice: 'Try again later.',
    }
  }
  if (code === REDIRECT_CODE) {
    return { ...final('READ_FAILED', `can't be read: ${messageOf(cause)}`, 'Check the address.'), cause }
  }
  if (code === PRIVATE_CODE) {
    const problem = 'may not be read: it leads to a private address'
    const advice = 'Only the public internet is open to it.'
    return { ...final('ACCESS_DENIED', problem, advice), cause }
  }
  const flaw = CERTIFICATE_REASONS[code]
  if (flaw !== undefined || /CERT/.test(code)) {
    const problem = `can't be read: the server's certificate ${flaw ?? 'is not valid'} (${code})`
    const advice = 'Is it the right host? An authority of your own is trusted through NODE_EXTRA_CA_CERTS.'
    return { ...again, problem, advice, again: false }
  }
  if (/^HPE_|^EPROTO$|^ERR_SSL_/.test(code)) {
    const problem = `can't be read: what the server answers is no HTTP that we understand (${code})`
    return { ...again, problem, advice: 'Check the address: http or https, and the port.', again: false }
  }
  if (code.startsWith('ERR_INVALID_')) {
    return {
      ...final('INVALID_USAGE', `can't be asked for: ${messageOf(cause)}`, 'Check the headers.'),
      cause,
    }
  }
  return { ...again, problem: `can't be read: ${messageOf(cause)}`, advice: 'Try again later.' }
}

/** The error of a connection on which nothing has come for so many seconds. */
export function idleError(seconds: number): Error {
  return Object.assign(new Error(`the server sent nothing for ${seconds} seconds`), { code: IDLE_CODE })
}

/** The error of a redirect that is not followed; `problem` is what the server did. */
export function redirectError(problem: string): Error {
  return Object.assign(new Error(`the server ${problem}`), { code: REDIRECT_CODE })
}

/** A failure that asking again doesn't mend. */
function final(code: ErrorCode, problem: string, advice: string): Failure {
  return { code, problem, advice, again: false, retryable: false }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** The error of a failure; `name` is the URL without secrets. */
export function toError({ code, problem, advice, retryable, cause }: Failure, name: string): ImgprocError {
  const message = `${quote(name)} ${problem}. ${advice}`
  return new ImgprocError(code, message, { stage: 'read', path: name, retryable, cause })
}

/** Seconds of a Retry-After header, which holds seconds or a date. */
function readRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
