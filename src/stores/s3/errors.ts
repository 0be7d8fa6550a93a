import { ImgprocError, throwIfAborted } from '../../errors.js'
import { createRequestError, explainCommon, type Explanation } from '../cloud/errors.js'
import type { Failure } from '../cloud/failure.js'
import { quote } from '../errors.js'
import { regionFromError } from './clients.js'
import { toFailure } from './failure.js'
import { parseRef } from './uri.js'

/** Verbs in messages, by the permission that the request needs. */
const VERBS = {
  's3:ListBucket': 'listed',
  's3:GetObject': 'read',
  's3:PutObject': 'written',
  's3:DeleteObject': 'removed',
} as const

export type S3Action = keyof typeof VERBS

const SET_CREDENTIALS =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or sign in with `aws sso login`.'
const CHECK_CREDENTIALS =
  'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile, and the endpoint.'
const RENEW = 'Renew them, for example with `aws sso login`, then run the same command again.'
const ADVICE = {
  checkEndpoint: 'Check the endpoint (AWS_ENDPOINT_URL_S3, or s3.endpoint in the config) and the network.',
  checkSettings: 'Check the endpoint and the settings under s3 in the config.',
}

const EXPIRED: Explanation = {
  code: 'INVALID_CREDENTIALS',
  problem: 'the credentials have expired',
  advice: RENEW,
}
const UNKNOWN_KEY: Explanation = {
  code: 'INVALID_CREDENTIALS',
  problem: 'the server does not know the access key',
  advice: CHECK_CREDENTIALS,
}
const CLOCK_SKEWED: Explanation = {
  code: 'INVALID_CREDENTIALS',
  problem: 'the clock of this machine is wrong by many minutes',
  advice: 'Set the clock, then run the same command again.',
}
/** Explanations by the name of an error of the server or the SDK. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  InvalidAccessKeyId: UNKNOWN_KEY,
  InvalidClientTokenId: UNKNOWN_KEY,
  InvalidToken: UNKNOWN_KEY,
  SignatureDoesNotMatch: {
    code: 'INVALID_CREDENTIALS',
    problem: 'the signature is wrong, most likely because the secret key is wrong',
    advice: CHECK_CREDENTIALS,
  },
  RequestExpired: CLOCK_SKEWED,
  RequestTimeTooSkewed: CLOCK_SKEWED,
  InvalidObjectState: {
    problem: 'the object is archived',
    advice: 'Restore it from Glacier first.',
    retryable: false,
  },
  KeyTooLongError: {
    problem: 'the key is longer than 1,024 bytes',
    advice: 'Choose shorter names with path (--path).',
    retryable: false,
  },
  NotImplemented: {
    problem: 'the server does not support the request',
    advice: 'Check storageClass, sse and the other settings under s3 in the config.',
    retryable: false,
  },
}

/** Converts an error of the SDK to an ImgprocError about `ref`, without the secrets of the request. */
export function toS3Error(error: unknown, ref: string, action: S3Action, signal?: AbortSignal): ImgprocError {
  if (error instanceof ImgprocError) return error
  throwIfAborted(signal)
  const isWrite = action === 's3:PutObject' || action === 's3:DeleteObject'
  const failure = toFailure(error)
  const explanation = explainBucket(error, failure, ref, isWrite) ?? explainFailure(failure, action)
  return createRequestError(explanation, failure, { ref, verb: VERBS[action], isWrite })
}

/** True if an error means that the key does not exist. After HEAD, it may mean that the bucket does not exist. */
export function isMissingKey(error: unknown): boolean {
  const { name, status } = toFailure(error)
  return name === 'NoSuchKey' || name === 'NotFound' || (status === 404 && name !== 'NoSuchBucket')
}

/** Explains errors about the name or the region of the bucket; returns undefined for others. */
function explainBucket(
  error: unknown,
  failure: Failure,
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
  const regionErrors = [
    'PermanentRedirect',
    'AuthorizationHeaderMalformed',
    'IllegalLocationConstraintException',
  ]
  if (!regionErrors.includes(failure.name) && failure.status !== 301) return undefined
  const region = regionFromError(error)
  return {
    code: 'INVALID_CONFIG',
    problem: `the bucket ${quote(bucket)} is in another region${region === undefined ? '' : `, ${region}`}`,
    advice: `Set AWS_REGION${region === undefined ? '' : ` to ${region}`}, or s3.region in the config.`,
  }
}

function explainFailure(failure: Failure, action: S3Action): Explanation {
  const { name, status, message } = failure
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return explainMissingCredentials(message)
  const known = EXPLANATIONS[name]
  if (known !== undefined) return known
  if (name === 'AccessDenied' || status === 403) return explainDenied(action)
  return explainCommon(failure, ADVICE)
}

/** If one source of credentials fails, such as an expired session, the message of the SDK has its reason. */
function explainMissingCredentials(message: string): Explanation {
  const reason = message.includes('from any providers') ? '' : ` (${message.replace(/\.$/, '')})`
  return {
    code: 'INVALID_CREDENTIALS',
    problem: `no credentials were found${reason}`,
    advice: SET_CREDENTIALS,
  }
}

function explainDenied(action: S3Action): Explanation {
  const resource = action === 's3:ListBucket' ? 'the bucket' : 'the key'
  const hint =
    action === 's3:GetObject'
      ? ' Without s3:ListBucket, S3 also denies access to a key that does not exist.'
      : ''
  return {
    code: 'ACCESS_DENIED',
    problem: 'access denied',
    advice: `Allow ${action} on ${resource} to these credentials.${hint}`,
  }
}
