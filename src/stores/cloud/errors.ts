import { type ErrorCode, ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'
import { type Failure, isThrottled, isTransient } from './failure.js'

/** The parts of a message, and the properties of its error. */
export interface Explanation {
  /** @default READ_FAILED or WRITE_FAILED */
  readonly code?: ErrorCode
  readonly problem: string
  readonly advice: string
  /** @default that of the code; without a code, true if the failure is temporary */
  readonly retryable?: boolean
}

/** A request that failed. */
export interface FailedRequest {
  readonly ref: string
  /** Past participle, as in "can't be read". */
  readonly verb: string
  readonly isWrite: boolean
}

/** Advice that names the settings of a provider. */
export interface ProviderAdvice {
  /** A sentence on the address of the server and the network. */
  readonly checkEndpoint: string
  /** A sentence on the rest. */
  readonly checkSettings: string
}

/** Problems by the operating system's code of a connection error. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: "the server's name can't be found",
  EAI_AGAIN: "the server's name can't be found",
  ECONNREFUSED: 'no server answers there',
  EHOSTUNREACH: "the server can't be reached",
  ENETUNREACH: "the server can't be reached",
}
const BAD_CERTIFICATES = new Set([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Creates the error of a failed request. */
export function createRequestError(
  { code, problem, advice, retryable }: Explanation,
  failure: Failure,
  { ref, verb, isWrite }: FailedRequest,
): ImgprocError {
  const message = `${quote(ref)} can't be ${verb}: ${problem}. ${advice}`
  return new ImgprocError(code ?? (isWrite ? 'WRITE_FAILED' : 'READ_FAILED'), message, {
    stage: isWrite ? 'write' : 'read',
    path: ref,
    cause: toCause(failure),
    retryable: retryable ?? (code === undefined ? isTransient(failure) : undefined),
  })
}

/**
 * Creates the cause of an error. The SDK's own error is not used: it contains the request with its signature and
 * tokens, and the bytes that were sent.
 */
export function toCause({ name, code, status, message, requestId }: Failure): Error {
  return Object.assign(new Error(message), { name, code, status, requestId })
}

/** Explains failures that are the same with every provider: network, TLS, and statuses without a reason. */
export function explainCommon(
  failure: Failure,
  { checkEndpoint, checkSettings }: ProviderAdvice,
): Explanation {
  const { name, code, status, message } = failure
  const unreachable = UNREACHABLE[code]
  if (unreachable !== undefined) return { problem: unreachable, advice: checkEndpoint }
  if (code === 'EPROTO')
    return { problem: 'the server does not speak TLS', advice: checkEndpoint, retryable: false }
  if (BAD_CERTIFICATES.has(code)) {
    return {
      problem: "the server's certificate can't be trusted",
      advice: 'Check the endpoint. To trust a certificate authority of your own, set NODE_EXTRA_CA_CERTS.',
      retryable: false,
    }
  }
  if (isThrottled(failure)) {
    return {
      problem: 'the server asks for fewer requests',
      advice: 'Lower concurrency (--concurrency), or try again later.',
    }
  }
  if (status >= 500) {
    return { problem: `the server failed (${status})`, advice: 'Try again later.' }
  }
  if (status === 0 && isTransient(failure)) {
    const reason = name === 'TruncatedBody' ? message : `the connection broke (${code || name})`
    return { problem: reason, advice: 'Check the network, then run the same command again.' }
  }
  const answer =
    status === 0
      ? message
      : `the server answered ${[name, message].filter(isInformative).join(': ')} (${status})`
  return { problem: answer.replace(/\.$/, ''), advice: checkSettings }
}

/** False for an empty text, and for the SDKs' placeholders for a missing one. */
function isInformative(text: string): boolean {
  return text !== '' && text !== 'UnknownError' && text !== 'Unknown'
}
