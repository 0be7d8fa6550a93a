/** The server and the credentials of a bucket. The SDK finds missing settings as the AWS CLI does. */
export interface S3Connection {
  /** URL of the server, such as MinIO, R2 or Ceph. @default AWS_ENDPOINT_URL_S3, or the profile's, or AWS */
  readonly endpoint?: string | undefined
  /** @default AWS_REGION, or the profile's, or us-east-1. If the server names another region, that is used. */
  readonly region?: string | undefined
  /** Profile of the shared AWS config and credentials files. @default AWS_PROFILE */
  readonly profile?: string | undefined
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. @default true with an endpoint */
  readonly pathStyle?: boolean | undefined
}

/** Properties of written objects. */
export interface S3WriteOptions {
  /** Cache-Control of images. Other files, such as the manifest, get `no-cache`. */
  readonly cacheControl?: string | undefined
  /** User metadata of images, in ASCII. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Storage class of images, such as INTELLIGENT_TIERING. @default STANDARD */
  readonly storageClass?: string | undefined
  /** Never overwrites an image: if the key exists, the output fails. @default false */
  readonly ifNoneMatch?: boolean | undefined
  /** Server-side encryption of everything that is written. @default the bucket's */
  readonly sse?: 'AES256' | 'aws:kms' | undefined
  /** KMS key, with `sse: 'aws:kms'`. @default the account's key for S3 */
  readonly kmsKeyId?: string | undefined
}

export interface S3Options extends S3Connection, S3WriteOptions {
  /** Connections of single buckets, by name. Such a bucket takes none of the general connection settings. */
  readonly buckets?: Readonly<Record<string, S3Connection>> | undefined
  /** Maximum attempts of a request if the server or the network fails temporarily. @default 6 */
  readonly attempts?: number | undefined
  /** Seconds without a received byte after which an attempt fails. @default 60 */
  readonly idleTimeout?: number | undefined
}

/** Returns the connection settings of a bucket: its own, or the general ones. */
export function connectionOf(bucket: string, options: S3Options): S3Connection {
  if (options.buckets !== undefined && Object.hasOwn(options.buckets, bucket)) {
    return options.buckets[bucket] ?? {}
  }
  const { endpoint, region, profile, pathStyle } = options
  return { endpoint, region, profile, pathStyle }
}
