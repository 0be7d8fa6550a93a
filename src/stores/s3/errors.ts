import { type ErrorCode, ImgprocError, throwIfAborted } from '../../errors.js'
import { quote } from '../errors.js'
import { regionNamed } from './clients.js'
import { parseRef } from './uri.js'
import { isThrottled, isTransient, type S3Failure, toFailure } from './retry.js'

/** What was asked of the server, by the permission that it needs. */
const VERBS = {
  's3:ListBucket': 'listed',
  's3:GetObject': 'read',
  's3:PutObject': 'written',
  's3:DeleteObject': 'removed',
} as const

export type S3Action = keyof typeof VERBS

/** A problem in words: what it is, and what to do. */
interface Explanation {
  readonly code?: ErrorCode
  readonly problem: string
  readonly advice: string
  readonly retryable?: boolean
}

const CREDENTIALS =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or sign in with `aws sso login`.'
const OTHER_CREDENTIALS =
  'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile, and the endpoint.'
const RENEW = 'Get new ones, as with `aws sso login`, then run the same command again.'
const ENDPOINT = 'Check the endpoint (AWS_ENDPOINT_URL_S3, or s3.endpoint in the config) and the network.'

const EXPIRED: Explanation = { code: 'ACCESS_DENIED', problem: 'the credentials have expired', advice: RENEW }
const UNKNOWN_KEY: Explanation = {
  code: 'ACCESS_DENIED',
  problem: 'the server does not know the access key',
  advice: OTHER_CREDENTIALS,
}
const SKEWED: Explanation = {
  code: 'ACCESS_DENIED',
  problem: 'the clock of this machine is wrong by many minutes',
  advice: 'Set it right, then run the same command again.',
}
const UNRESOLVED: Explanation = {
  problem: "the server's name can't be found",
  advice: ENDPOINT,
}
const BAD_CERTIFICATE: Explanation = {
  problem: "the server's certificate can't be trusted",
  advice: 'Check the endpoint; NODE_EXTRA_CA_CERTS names the certificate of an authority of your own.',
  retryable: false,
}

/** What needs no more than its name: of the server's errors, of the SDK's, and of the system's. */
const KNOWN: Readonly<Record<string, Explanation>> = {
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  InvalidAccessKeyId: UNKNOWN_KEY,
  InvalidClientTokenId: UNKNOWN_KEY,
  InvalidToken: UNKNOWN_KEY,
  SignatureDoesNotMatch: {
    code: 'ACCESS_DENIED',
    problem: 'the signature is wrong, so the secret key most likely is',
    advice: OTHER_CREDENTIALS,
  },
  RequestExpired: SKEWED,
  RequestTimeTooSkewed: SKEWED,
  InvalidObjectState: {
    problem: 'it is archived',
    advice: 'Restore it from Glacier first.',
    retryable: false,
  },
  KeyTooLongError: {
    problem: 'the key is longer than 1,024 bytes',
    advice: 'Choose shorter names with --path.',
    retryable: false,
  },
  NotImplemented: {
    problem: 'the server does not do what was asked of it',
    advice: 'Check storageClass, sse and the other settings under s3 in the config.',
    retryable: false,
  },
  ENOTFOUND: UNRESOLVED,
  EAI_AGAIN: UNRESOLVED,
  ECONNREFUSED: { problem: 'no server answers there', advice: ENDPOINT },
  EHOSTUNREACH: { problem: "the server can't be reached", advice: ENDPOINT },
  ENETUNREACH: { problem: "the server can't be reached", advice: ENDPOINT },
  EPROTO: { problem: 'the server does not speak TLS', advice: ENDPOINT, retryable: false },
  CERT_HAS_EXPIRED: BAD_CERTIFICATE,
  DEPTH_ZERO_SELF_SIGNED_CERT: BAD_CERTIFICATE,
  ERR_TLS_CERT_ALTNAME_INVALID: BAD_CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: BAD_CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: BAD_CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: BAD_CERTIFICATE,
}

/** What went wrong, in the words of the house; `ref` is what it was about, and no secret gets in. */
export function toS3Error(error: unknown, ref: string, action: S3Action, signal?: AbortSignal): ImgprocError {
  if (error instanceof ImgprocError) return error
  throwIfAborted(signal)
  const isWrite = action === 's3:PutObject' || action === 's3:DeleteObject'
  const failure = toFailure(error)
  const { code, problem, advice, retryable } =
    explainPlace(error, failure, ref, isWrite) ?? explain(failure, action)
  const message = `${quote(ref)} can't be ${VERBS[action]}: ${problem}. ${advice}`
  return new ImgprocError(code ?? (isWrite ? 'WRITE_FAILED' : 'READ_FAILED'), message, {
    stage: isWrite ? 'write' : 'read',
    path: ref,
    cause: toCause(failure),
    retryable: retryable ?? (code === undefined ? isTransient(failure) : undefined),
  })
}

/** The SDK's own error holds the request with its signature and session token, and the bytes that were sent. */
export function toCause({ name, code, status, message, requestId }: S3Failure): Error {
  return Object.assign(new Error(message), { name, code, status, requestId })
}

/** Whether an error says that the key isn't there. Of HEAD, that can be the bucket too. */
export function isAbsentKey(error: unknown): boolean {
  const { name, status } = toFailure(error)
  return name === 'NoSuchKey' || name === 'NotFound' || (status === 404 && name !== 'NoSuchBucket')
}

/** What is wrong with the bucket or where it is looked for. */
function explainPlace(
  error: unknown,
  failure: S3Failure,
  ref: string,
  isWrite: boolean,
): Explanation | undefined {
  const { bucket } = parseRef(ref)
  if (failure.name === 'NoSuchBucket') {
    return {
      code: isWrite ? 'WRITE_FAILED' : 'INPUT_NOT_FOUND',
      problem: `there is no bucket ${quote(bucket)}`,
      advice: 'Check its name, the endpoint and the profile.',
      retryable: false,
    }
  }
  if (failure.name === 'InvalidBucketName') {
    const problem = `${quote(bucket)} can't be the name of a bucket`
    return { code: 'INVALID_USAGE', problem, advice: 'Write it as s3://bucket/folder/name.jpg.' }
  }
  const names = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException']
  if (!names.includes(failure.name) && failure.status !== 301) return undefined
  const region = regionNamed(error)
  return {
    code: 'INVALID_CONFIG',
    problem: `the bucket ${quote(bucket)} is in another region${region === undefined ? '' : `, ${region}`}`,
    advice: `Set AWS_REGION${region === undefined ? '' : ` to ${region}`}, or s3.region in the config.`,
  }
}

function explain(failure: S3Failure, action: S3Action): Explanation {
  const { name, code, status, message } = failure
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return explainMissing(message)
  const known = KNOWN[name] ?? KNOWN[code]
  if (known !== undefined) return known
  if (name === 'AccessDenied' || status === 403) return explainDenied(action)
  if (isThrottled(failure)) {
    return {
      problem: 'the server asks for fewer requests',
      advice: 'Lower --concurrency, or try again later.',
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
    status === 0 ? message : `the server answered ${[name, message].filter(unusual).join(': ')} (${status})`
  return {
    problem: answer.replace(/\.$/, ''),
    advice: 'Check the endpoint and the settings under s3 in the config.',
  }
}

/** Of one source that fails, such as a session that is over, the SDK says more than that none was found. */
function explainMissing(message: string): Explanation {
  const reason = message.includes('from any providers') ? '' : ` (${message.replace(/\.$/, '')})`
  return { code: 'ACCESS_DENIED', problem: `no credentials were found${reason}`, advice: CREDENTIALS }
}

function explainDenied(action: S3Action): Explanation {
  const where = action === 's3:ListBucket' ? 'the bucket' : 'the key'
  const hint =
    action === 's3:GetObject' ? ' Without s3:ListBucket, a key that is not there is denied as well.' : ''
  return {
    code: 'ACCESS_DENIED',
    problem: 'access denied',
    advice: `Allow ${action} on ${where} to these credentials.${hint}`,
  }
}

/** Some servers send no message, and the SDK then says that it knows none. */
function unusual(text: string): boolean {
  return text !== '' && text !== 'UnknownError' && text !== 'Unknown'
}
