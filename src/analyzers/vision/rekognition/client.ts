import pLimit from 'p-limit'
import type * as Sdk from '@aws-sdk/client-rekognition'
import { ImgprocError, throwIfAborted } from '../../../errors.js'
import { isThrottled } from '../../../stores/cloud/failure.js'
import { withRetries } from '../../../stores/cloud/retry.js'
import { toFailure } from '../../../stores/s3/failure.js'

/** Requests at a time of one process. The service allows 5 to 50 a second, by region and operation. */
const CONCURRENCY = 8
const ATTEMPTS = 6
/** Milliseconds. */
const CONNECTION_TIMEOUT = 10_000
const IDLE_TIMEOUT = 60_000

const limit = pLimit(CONCURRENCY)

/** The SDK, and a client with the region, profile and endpoint of the environment. */
interface Service {
  readonly sdk: typeof Sdk
  readonly client: Sdk.RekognitionClient
}

let opened: Promise<Service> | undefined

/**
 * Makes a request of Amazon Rekognition, with retries.
 *
 * Throws INVALID_CONFIG if the SDK is not installed, ACCESS_DENIED without credentials or rights, ABORTED, and READ_FAILED for
 * all other failures.
 *
 * @param right of IAM that the request needs, such as `rekognition:DetectFaces`.
 */
export async function requestRekognition<T>(
  right: string,
  signal: AbortSignal | undefined,
  make: (service: Service) => Promise<T>,
): Promise<T> {
  const service = await (opened ??= open())
  try {
    return await limit(() => withRetries({ attempts: ATTEMPTS, signal, toFailure }, () => make(service)))
  } catch (error) {
    throwIfAborted(signal)
    throw explain(error, right)
  }
}

async function open(): Promise<Service> {
  try {
    const sdk = await import('@aws-sdk/client-rekognition')
    // Our own retries, as with S3: those of the SDK give up when an outage has used up their tokens.
    const requestHandler = { connectionTimeout: CONNECTION_TIMEOUT, socketTimeout: IDLE_TIMEOUT }
    return { sdk, client: new sdk.RekognitionClient({ maxAttempts: 1, requestHandler }) }
  } catch (cause) {
    opened = undefined
    const message =
      'It needs the package @aws-sdk/client-rekognition, which is installed separately: npm install @aws-sdk/client-rekognition'
    throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config', cause })
  }
}

const DENIED = new Set([
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
])

function explain(error: unknown, right: string): ImgprocError {
  const failure = toFailure(error)
  const { name, message, status, requestId } = failure
  const why = `${name}: ${message}${requestId === '' ? '' : ` (request ${requestId})`}`
  if (DENIED.has(name)) {
    const advice = `It needs credentials of AWS with the right ${right}, as the AWS CLI finds them.`
    return new ImgprocError('ACCESS_DENIED', `Amazon Rekognition refused the request. ${advice} ${why}`, {
      cause: error,
    })
  }
  if (/region is missing/i.test(message)) {
    const advice = 'Set AWS_REGION to a region that has Amazon Rekognition, such as eu-west-1.'
    return new ImgprocError('INVALID_CONFIG', advice, { stage: 'config', cause: error })
  }
  const advice = isThrottled(failure)
    ? 'It allows fewer requests than were made: lower --concurrency, or ask AWS for a higher quota.'
    : 'Try again later.'
  const retryable = isThrottled(failure) || status === 0 || status >= 500
  const details = { stage: 'read', retryable, cause: error } as const
  return new ImgprocError(
    'READ_FAILED',
    `Amazon Rekognition failed ${ATTEMPTS} times or for good. ${why}. ${advice}`,
    details,
  )
}
