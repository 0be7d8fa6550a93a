import type { RequestOptions } from '../cloud/requests.js'

/** The account of a container. */
export interface AzureConnection {
  /** Name of the storage account. @default AZURE_STORAGE_ACCOUNT, or that of AZURE_STORAGE_CONNECTION_STRING */
  readonly account?: string | undefined
  /** URL of the blob service of the account, for emulators and private links. @default https://ACCOUNT.blob.core.windows.net */
  readonly endpoint?: string | undefined
}

/** Properties of written blobs. */
export interface AzureWriteOptions {
  /** Cache-Control of images. Other files, such as the manifest, get `no-cache`. */
  readonly cacheControl?: string | undefined
  /** Metadata of images: values in ASCII, by names that are C# identifiers. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Access tier of images, such as Cool. @default the account's */
  readonly accessTier?: string | undefined
  /** Never overwrites an image: if the blob exists, the output fails. @default false */
  readonly ifNoneMatch?: boolean | undefined
}

export interface AzureOptions extends AzureConnection, AzureWriteOptions, RequestOptions {
  /** Accounts of single containers, by name. Such a container takes neither the general account nor the general endpoint. */
  readonly containers?: Readonly<Record<string, AzureConnection>> | undefined
}

/** Returns the connection settings of a container: its own, or the general ones. */
export function connectionOf(container: string, options: AzureOptions): AzureConnection {
  if (options.containers !== undefined && Object.hasOwn(options.containers, container)) {
    return options.containers[container] ?? {}
  }
  const { account, endpoint } = options
  return { account, endpoint }
}
