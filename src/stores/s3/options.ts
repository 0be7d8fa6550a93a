/** Where a bucket is, and who asks. What isn't said, the SDK finds as the AWS CLI does. */
export interface S3Place {
  /** The server's URL: MinIO, R2, Ceph. @default AWS_ENDPOINT_URL_S3, or the profile's, or AWS itself */
  readonly endpoint?: string | undefined
  /** @default AWS_REGION, or the profile's, or us-east-1; the region that the server names is then used */
  readonly region?: string | undefined
  /** Of the shared AWS config and credentials files. @default AWS_PROFILE */
  readonly profile?: string | undefined
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. @default true where there is an endpoint */
  readonly pathStyle?: boolean | undefined
}

/** How images are written, beside their bytes and their media type. */
export interface S3Writing {
  /** The header of images; all else is written with `no-cache`. */
  readonly cacheControl?: string | undefined
  /** The user metadata of images: plain ASCII. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** The storage class of images, such as INTELLIGENT_TIERING. @default STANDARD */
  readonly storageClass?: string | undefined
  /** Whether an image may only go where nothing is: one that is there stays, and its output fails. @default false */
  readonly ifNoneMatch?: boolean | undefined
  /** How the server encrypts all that is written. @default as the bucket says */
  readonly sse?: 'AES256' | 'aws:kms' | undefined
  /** The KMS key, with `sse: 'aws:kms'`. @default the account's own for S3 */
  readonly kmsKeyId?: string | undefined
}

export interface S3Options extends S3Place, S3Writing {
  /** What is different for one bucket, by its name; endpoint, region, profile and path style go together. */
  readonly buckets?: Readonly<Record<string, S3Place>> | undefined
  /** Requests for the same thing, when the server or the network stutters. @default 6 */
  readonly attempts?: number | undefined
  /** Seconds without a byte after which a request is given up, and made again. @default 60 */
  readonly idleTimeout?: number | undefined
}

/** Where a bucket is: its own place, or that of all. */
export function placeOf(bucket: string, options: S3Options): S3Place {
  if (options.buckets !== undefined && Object.hasOwn(options.buckets, bucket)) {
    return options.buckets[bucket] ?? {}
  }
  const { endpoint, region, profile, pathStyle } = options
  return { endpoint, region, profile, pathStyle }
}
