import { ImgprocError, throwIfAborted } from '../../errors.js'
import { createRequestError, explainCommon, type Explanation } from '../cloud/errors.js'
import type { Failure } from '../cloud/failure.js'
import { quote } from '../errors.js'
import { toFailure } from './failure.js'
import { parseRef } from './uri.js'

/** Verbs in messages, by the permission that the request needs. */
const VERBS = {
  'storage.objects.list': 'listed',
  'storage.objects.get': 'read',
  'storage.objects.create': 'written',
  'storage.objects.delete': 'removed',
} as const

export type GcsAction = keyof typeof VERBS

const SIGN_IN =
  'Sign in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account.'
const ADVICE = {
  checkEndpoint: 'Check the endpoint (STORAGE_EMULATOR_HOST, or gcs.endpoint in the config) and the network.',
  checkSettings: 'Check the endpoint and the settings under gcs in the config.',
}

/** Converts an error of the SDK to an ImgprocError about `ref`, without the secrets of the request. */
export function toGcsError(
  error: unknown,
  ref: string,
  action: GcsAction,
  signal?: AbortSignal,
): ImgprocError {
  if (error instanceof ImgprocError) return error
  throwIfAborted(signal)
  const isWrite = isWriting(action)
  const failure = toFailure(error)
  const explanation = explain(failure, ref, action)
  return createRequestError(explanation, failure, { ref, verb: VERBS[action], isWrite })
}

/** True if an error means that the object does not exist. */
export function isMissingObject(error: unknown): boolean {
  const failure = toFailure(error)
  return failure.status === 404 && !isMissingBucket(failure)
}

/** Both are the status 404 with the reason notFound. Only the message tells them apart. */
function isMissingBucket({ status, message }: Failure): boolean {
  return status === 404 && /bucket does not exist/i.test(message)
}

function isWriting(action: GcsAction): boolean {
  return action === 'storage.objects.create' || action === 'storage.objects.delete'
}

function explain(failure: Failure, ref: string, action: GcsAction): Explanation {
  const { name, status, message } = failure
  const { bucket } = parseRef(ref)
  if (isMissingBucket(failure)) {
    return {
      code: isWriting(action) ? 'WRITE_FAILED' : 'INPUT_NOT_FOUND',
      problem: `there is no bucket ${quote(bucket)}`,
      advice: 'Check its name and the endpoint.',
      retryable: false,
    }
  }
  const credentials = explainCredentials(failure)
  if (credentials !== undefined) return credentials
  if (/requester pays/i.test(message)) {
    return {
      code: 'INVALID_CONFIG',
      problem: 'whoever reads the bucket pays for it, and no project is named',
      advice: 'Set gcs.project in the config to a project of yours.',
    }
  }
  if (name === 'invalid' && /bucket name/i.test(message)) {
    const problem = `${quote(bucket)} can't be the name of a bucket`
    return { code: 'INVALID_USAGE', problem, advice: 'Write it as gs://bucket/folder/name.jpg.' }
  }
  if (status === 403 && name !== 'rateLimitExceeded' && name !== 'userRateLimitExceeded') {
    const resource = action === 'storage.objects.list' ? 'the bucket' : 'the object'
    return {
      code: 'ACCESS_DENIED',
      problem: 'access denied',
      advice: `Allow ${action} on ${resource} to these credentials, for example by the role ${roleOf(action)}.`,
    }
  }
  return explainCommon(failure, ADVICE)
}

function roleOf(action: GcsAction): string {
  return isWriting(action) ? 'Storage Object User' : 'Storage Object Viewer'
}

/** Explains failures of the library that finds the credentials, and of the server that does not take them. */
function explainCredentials({ name, status, message }: Failure): Explanation | undefined {
  if (message.includes('Could not load the default credentials')) {
    return { code: 'INVALID_CREDENTIALS', problem: 'no credentials were found', advice: SIGN_IN }
  }
  if (/invalid_grant|invalid_rapt|reauth/i.test(`${name} ${message}`)) {
    return {
      code: 'INVALID_CREDENTIALS',
      problem: 'the credentials have expired or were revoked',
      advice: SIGN_IN,
    }
  }
  // The file of GOOGLE_APPLICATION_CREDENTIALS does not exist, or holds no credentials.
  if (status === 0 && /credential|GOOGLE_APPLICATION|The file at/i.test(message)) {
    const reason = message.split('\n', 1)[0]?.replace(/\.$/, '')
    return { code: 'INVALID_CREDENTIALS', problem: `no credentials were found (${reason})`, advice: SIGN_IN }
  }
  if (status !== 401) return undefined
  // Without credentials, the SDK asks as anybody, which public buckets permit.
  if (/anonymous/i.test(message))
    return { code: 'INVALID_CREDENTIALS', problem: 'no credentials were found', advice: SIGN_IN }
  return {
    code: 'INVALID_CREDENTIALS',
    problem: 'the server does not accept the credentials',
    advice: SIGN_IN,
  }
}
