import type * as Identity from '@azure/identity'
import type * as Sdk from '@azure/storage-blob'
import { ImgprocError } from '../../errors.js'
import { createPackageError } from '../cloud/load-package.js'
import type { AzureConnection } from './options.js'

/** Variables that the Azure CLI reads. An empty one counts as unset. */
export type AzureEnvironment = Readonly<Record<string, string | undefined>>

/** An address, and the access to it. */
export interface AzureAccess {
  /** URL of the blob service, without a slash at the end. It holds no secrets. */
  readonly url: string
  /** Query of a shared access signature, without a question mark. A secret. */
  readonly sas?: string
  readonly credential: Sdk.StorageSharedKeyCredential | Sdk.AnonymousCredential | Identity.TokenCredential
  /** Tells where the credentials come from, without secrets. */
  readonly source: string
}

/**
 * Finds the address and the credentials of an account, as the Azure CLI does: a connection string, an account key, a shared
 * access signature, then what Entra ID accepts. Secrets of the environment belong to the account that the environment names,
 * and no other account gets them.
 *
 * @throws ImgprocError INVALID_CONFIG
 */
export async function findAccess(
  sdk: typeof Sdk,
  { account, endpoint }: AzureConnection,
  env: AzureEnvironment,
): Promise<AzureAccess> {
  const fromString = parseConnectionString(env['AZURE_STORAGE_CONNECTION_STRING'])
  const envAccount = fromString?.account ?? (env['AZURE_STORAGE_ACCOUNT'] || undefined)
  const name = account ?? envAccount
  const isOfEnv = name === envAccount
  const url = addressOf(name, endpoint ?? (isOfEnv ? fromString?.endpoint : undefined), env, isOfEnv)
  const anonymous = new sdk.AnonymousCredential()
  if (isOfEnv && fromString !== undefined) {
    const source = 'AZURE_STORAGE_CONNECTION_STRING in the environment'
    if (fromString.key !== undefined) {
      const credential = createSharedKey(sdk, fromString.account ?? '', fromString.key, source)
      return { url, credential, source }
    }
    if (fromString.sas !== undefined) return { url, credential: anonymous, sas: fromString.sas, source }
  }
  const key = env['AZURE_STORAGE_KEY']
  if (isOfEnv && name !== undefined && key !== undefined && key !== '') {
    const source = 'AZURE_STORAGE_KEY in the environment'
    return { url, credential: createSharedKey(sdk, name, key, source), source }
  }
  const sas = env['AZURE_STORAGE_SAS_TOKEN']
  if (isOfEnv && sas !== undefined && sas !== '') {
    const source = 'AZURE_STORAGE_SAS_TOKEN in the environment'
    return { url, credential: anonymous, sas: sas.replace(/^\?/, ''), source }
  }
  const { DefaultAzureCredential } = await loadIdentity()
  return { url, credential: new DefaultAzureCredential(), source: 'Entra ID (DefaultAzureCredential)' }
}

function addressOf(
  account: string | undefined,
  endpoint: string | undefined,
  env: AzureEnvironment,
  isOfEnv: boolean,
): string {
  const given = endpoint ?? ((isOfEnv ? env['AZURE_STORAGE_SERVICE_ENDPOINT'] : undefined) || undefined)
  if (given !== undefined) {
    // A query would be a shared access signature, which has a variable of its own.
    if (/^https?:\/\//.test(given) && URL.canParse(given) && !/[?#@]/.test(given))
      return given.replace(/\/+$/, '')
    const message =
      'The Azure endpoint is not a URL without credentials and query. Write it as https://ACCOUNT.blob.core.windows.net, or http://127.0.0.1:10000/devstoreaccount1.'
    throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
  }
  if (account === undefined) {
    const message =
      'az:// needs a storage account. Set AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING, or azure.account in the config.'
    throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
  }
  if (/^[a-z\d]{3,24}$/.test(account)) return `https://${account}.blob.core.windows.net`
  const message = `"${account}" is not the name of a storage account: 3 to 24 lowercase letters and digits. Check AZURE_STORAGE_ACCOUNT, or azure.account in the config.`
  throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}

/** The parts of a connection string that are used. */
interface ConnectionString {
  readonly account?: string
  readonly key?: string
  readonly sas?: string
  readonly endpoint?: string
}

/** The account and key of the emulator, which Microsoft documents for everybody. */
const EMULATOR = {
  account: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  endpoint: 'http://127.0.0.1:10000/devstoreaccount1',
}

/** Parses `Name=value;…`. Its values are secrets, so that an error tells none of them. */
function parseConnectionString(text: string | undefined): ConnectionString | undefined {
  if (text === undefined || text === '') return undefined
  const parts = new Map<string, string>()
  for (const part of text.split(';')) {
    const at = part.indexOf('=')
    if (at > 0) parts.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim())
  }
  if (parts.get('usedevelopmentstorage') === 'true') return EMULATOR
  const account = parts.get('accountname')
  const key = parts.get('accountkey')
  const sas = parts.get('sharedaccesssignature')?.replace(/^\?/, '')
  const endpoint = parts.get('blobendpoint') ?? endpointOf(parts, account)
  if (endpoint === undefined || (key === undefined && sas === undefined)) {
    const message =
      'AZURE_STORAGE_CONNECTION_STRING is not a connection string of a storage account. Copy it from the access keys of the account, or unset it.'
    throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
  }
  return {
    endpoint,
    // The name of an account is the first label of its address.
    account: account ?? /^https?:\/\/([a-z\d]+)[.:/]/.exec(endpoint)?.[1] ?? '',
    ...(key !== undefined && { key }),
    ...(sas !== undefined && { sas }),
  }
}

function endpointOf(parts: ReadonlyMap<string, string>, account: string | undefined): string | undefined {
  if (account === undefined) return undefined
  const protocol = parts.get('defaultendpointsprotocol') ?? 'https'
  return `${protocol}://${account}.blob.${parts.get('endpointsuffix') ?? 'core.windows.net'}`
}

function createSharedKey(
  sdk: typeof Sdk,
  account: string,
  key: string,
  source: string,
): Sdk.StorageSharedKeyCredential {
  if (/^[A-Za-z\d+/]+={0,2}$/.test(key)) return new sdk.StorageSharedKeyCredential(account, key)
  const message = `The account key of ${source} is not base64. Copy it again from the access keys of the account.`
  throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}

async function loadIdentity(): Promise<typeof Identity> {
  try {
    return await import('@azure/identity')
  } catch (cause) {
    const { message } = createPackageError('@azure/identity', 'az:// without an account key', cause)
    const advice = 'Or set AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN.'
    throw new ImgprocError('INVALID_CONFIG', `${message}. ${advice}`, { stage: 'config', cause })
  }
}
