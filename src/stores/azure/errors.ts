import { ImgprocError, throwIfAborted } from '../../errors.js'
import { createRequestError, explainCommon, type Explanation } from '../cloud/errors.js'
import type { Failure } from '../cloud/failure.js'
import { quote } from '../errors.js'
import { toFailure } from './failure.js'
import { parseRef } from './uri.js'

/** Verbs in messages, by the role of Azure that permits the request. */
const ACTIONS = {
  list: { verb: 'listed', role: 'Storage Blob Data Reader' },
  read: { verb: 'read', role: 'Storage Blob Data Reader' },
  write: { verb: 'written', role: 'Storage Blob Data Contributor' },
  delete: { verb: 'removed', role: 'Storage Blob Data Contributor' },
} as const

export type AzureAction = keyof typeof ACTIONS

const SET_CREDENTIALS =
  'Set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or sign in with `az login`.'
const ADVICE = {
  checkEndpoint:
    'Check the account (AZURE_STORAGE_ACCOUNT, or azure.account in the config), the endpoint and the network.',
  checkSettings: 'Check the account, the endpoint and the settings under azure in the config.',
}

const REFUSED: Explanation = {
  code: 'INVALID_CREDENTIALS',
  problem:
    'the account refuses the credentials: they are wrong or expired, or the clock of this machine is wrong',
  advice: 'Check the account key or the shared access signature, or sign in again with `az login`.',
}
const NO_CREDENTIALS: Explanation = {
  code: 'INVALID_CREDENTIALS',
  problem: 'no credentials were found',
  advice: SET_CREDENTIALS,
}

/** Explanations by the error code of the service, or the name of an error of the SDK. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  AuthenticationFailed: REFUSED,
  InvalidAuthenticationInfo: REFUSED,
  AuthenticationRequiredError: NO_CREDENTIALS,
  NoAuthenticationInformation: NO_CREDENTIALS,
  PublicAccessNotPermitted: NO_CREDENTIALS,
  AccountIsDisabled: {
    code: 'ACCESS_DENIED',
    problem: 'the account is disabled',
    advice: 'Enable it, or choose another.',
  },
  KeyBasedAuthenticationNotPermitted: {
    code: 'ACCESS_DENIED',
    problem: 'the account does not permit account keys',
    advice: 'Unset the key, and sign in with `az login`.',
  },
  BlobArchived: {
    problem: 'the blob is archived',
    advice: 'Rehydrate it to the tier Hot or Cool first.',
    retryable: false,
  },
  InvalidResourceName: {
    code: 'INVALID_USAGE',
    problem: 'Azure refuses the name',
    advice: 'Choose another name.',
  },
  InvalidMetadata: {
    code: 'INVALID_CONFIG',
    problem: 'Azure refuses the metadata',
    advice: 'Name the keys of azure.metadata as C# identifiers, with values in ASCII.',
  },
  InvalidHeaderValue: {
    code: 'INVALID_CONFIG',
    problem: 'Azure refuses a header',
    advice: 'Check cacheControl, accessTier and metadata under azure in the config.',
  },
  LeaseIdMissing: {
    problem: 'the blob has a lease',
    advice: 'Break the lease, or choose another name.',
    retryable: false,
  },
  BlobImmutableDueToPolicy: {
    problem: 'a policy of the container makes the blob immutable',
    advice: 'Choose another container, or names with {hash} (--path).',
    retryable: false,
  },
  InvalidBlobType: {
    problem: 'there is a blob of another type with this name',
    advice: 'Remove it, or choose another name.',
    retryable: false,
  },
  RestrictedToHttps: {
    code: 'INVALID_CONFIG',
    problem: 'the account only permits https',
    advice: 'Write the endpoint with https://.',
  },
}

/** Converts an error of the SDK to an ImgprocError about `ref`, without the secrets of the request. */
export function toAzureError(
  error: unknown,
  ref: string,
  action: AzureAction,
  signal?: AbortSignal,
): ImgprocError {
  if (error instanceof ImgprocError) return error
  throwIfAborted(signal)
  const isWrite = action === 'write' || action === 'delete'
  const { verb } = ACTIONS[action]
  const failure = toFailure(error)
  return createRequestError(explain(failure, ref, action), failure, { ref, verb, isWrite })
}

/** True if an error means that the blob does not exist. After HEAD, it may mean that the container does not exist. */
export function isMissingBlob(error: unknown): boolean {
  const { name, status } = toFailure(error)
  return name === 'BlobNotFound' || (status === 404 && !isMissingContainer(name))
}

/** True if a conditional write found a blob. */
export function isExistingBlob(error: unknown): boolean {
  const { name, status } = toFailure(error)
  return name === 'BlobAlreadyExists' || name === 'ConditionNotMet' || status === 412
}

function isMissingContainer(name: string): boolean {
  return name === 'ContainerNotFound' || name === 'ContainerBeingDeleted'
}

function explain(failure: Failure, ref: string, action: AzureAction): Explanation {
  const { name, status, message } = failure
  const { container } = parseRef(ref)
  if (isMissingContainer(name)) {
    return {
      code: action === 'write' || action === 'delete' ? 'WRITE_FAILED' : 'INPUT_NOT_FOUND',
      problem: `there is no container ${quote(container)}`,
      advice: 'Check its name and the account.',
      retryable: false,
    }
  }
  const known = EXPLANATIONS[name]
  if (known !== undefined) return known
  if (/Credential|Authentication/.test(name) && status === 0) {
    return { ...NO_CREDENTIALS, problem: `no credentials were found (${message.replace(/\.$/, '')})` }
  }
  if (status === 401) return REFUSED
  if (status === 403) {
    return {
      code: 'ACCESS_DENIED',
      problem: 'access denied',
      advice: `Give these credentials the role ${ACTIONS[action].role}, or a shared access signature with the permission ${action}. If the account has a firewall, let this machine in.`,
    }
  }
  return explainCommon(failure, ADVICE)
}
