import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Key } from 'aws-cdk-lib/aws-kms'
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import type { Parameters } from './parameters.js'

export interface Buckets {
  /** Pictures that you put there; the function only reads them. */
  readonly originals: Bucket
  /** Results, and uploads with their records. */
  readonly store: Bucket
  readonly key: Key | undefined
}

/** Prefix of everything that imgproc keeps. */
export const STORE_PREFIX = 'imgproc/'

/** Creates the buckets. Originals outlive the stack; so does the store, if it holds uploads. */
export function createBuckets(scope: Construct, { kms, uploads, resultDays }: Parameters): Buckets {
  const key = kms
    ? new Key(scope, 'Key', {
        enableKeyRotation: true,
        description: 'Buckets of imgproc',
        removalPolicy: RemovalPolicy.RETAIN,
      })
    : undefined
  const common: BucketProps = {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    ...(key === undefined
      ? { encryption: BucketEncryption.S3_MANAGED }
      : { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }),
  }
  const originals = new Bucket(scope, 'Originals', {
    ...common,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      {
        noncurrentVersionExpiration: Duration.days(30),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
  })
  const store = new Bucket(scope, 'Store', {
    ...common,
    removalPolicy: uploads ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    autoDeleteObjects: !uploads,
    lifecycleRules: [
      { prefix: `${STORE_PREFIX}cache/`, expiration: Duration.days(resultDays) },
      // Their URLs work for minutes; a large answer that is asked for again is made again.
      { prefix: `${STORE_PREFIX}large/`, expiration: Duration.days(1) },
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
  })
  return { originals, store, key }
}
