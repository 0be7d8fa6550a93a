import type { RequestOptions } from '../cloud/requests.js'

/** The server of a bucket, and the project that pays. */
export interface GcsConnection {
  /** URL of the server, for emulators, which get no credentials. @default STORAGE_EMULATOR_HOST, or Google Cloud */
  readonly endpoint?: string | undefined
  /** Project that pays for the requests, as buckets of the kind "requester pays" need it. @default the bucket's */
  readonly project?: string | undefined
}

/** Properties of written objects. */
export interface GcsWriteOptions {
  /** Cache-Control of images. Other files, such as the manifest, get `no-cache`. */
  readonly cacheControl?: string | undefined
  /** Custom metadata of images. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Storage class of images, such as NEARLINE. @default the bucket's */
  readonly storageClass?: string | undefined
  /** Never overwrites an image: if the object exists, the output fails. @default false */
  readonly ifNoneMatch?: boolean | undefined
  /** Cloud KMS key of everything that is written. @default the bucket's */
  readonly kmsKeyName?: string | undefined
}

export interface GcsOptions extends GcsConnection, GcsWriteOptions, RequestOptions {
  /** Connections of single buckets, by name. Such a bucket takes none of the general connection settings. */
  readonly buckets?: Readonly<Record<string, GcsConnection>> | undefined
}

/** Returns the connection settings of a bucket: its own, or the general ones. */
export function connectionOf(bucket: string, options: GcsOptions): GcsConnection {
  if (options.buckets !== undefined && Object.hasOwn(options.buckets, bucket)) {
    return options.buckets[bucket] ?? {}
  }
  const { endpoint, project } = options
  return { endpoint, project }
}
