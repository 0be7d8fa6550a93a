import { z } from 'zod'
import { once } from '../utils/once.js'
import { text } from './text-schema.js'

const s3PlaceSchema = once(() =>
  z.strictObject({
    endpoint: z
      .url({ protocol: /^https?$/, error: 'a URL such as https://minio.example:9000' })
      .optional()
      .describe(
        'URL of an S3-compatible server (MinIO, R2, Ceph); by default `AWS_ENDPOINT_URL_S3`, that of the profile, or AWS.',
      ),
    region: text()
      .optional()
      .describe('Region; by default `AWS_REGION`, that of the profile, or `us-east-1`.'),
    profile: text()
      .optional()
      .describe('Profile of the shared AWS config and credentials files; by default `AWS_PROFILE`.'),
    pathStyle: z
      .boolean()
      .optional()
      .describe('Uses `https://host/bucket/key` URLs; `true` by default if there is an `endpoint`.'),
  }),
)

const ascii = once(() => z.string().regex(/^[\x20-\x7e]*$/, { error: 'plain ASCII, as in HTTP headers' }))

/** Connection to S3. */
export const s3Schema = once(() =>
  z.strictObject({
    ...s3PlaceSchema().shape,
    buckets: z
      .record(z.string(), s3PlaceSchema())
      .optional()
      .describe('Connections of single buckets, by bucket name; each replaces the default connection.'),
    cacheControl: ascii().optional().describe('`Cache-Control` header of images.'),
    metadata: z.record(ascii(), ascii()).optional().describe('User metadata of images, in plain ASCII.'),
    storageClass: text()
      .optional()
      .describe('Storage class of images, such as `INTELLIGENT_TIERING`; by default `STANDARD`.'),
    ifNoneMatch: z.boolean().optional().describe('Never overwrites: an output fails if its object exists.'),
    sse: z
      .enum(['AES256', 'aws:kms'])
      .optional()
      .describe("Server-side encryption; by default the bucket's setting."),
    kmsKeyId: text().optional().describe("KMS key for `sse: aws:kms`; by default the account's key for S3."),
  }),
)

const endpoint = once(() =>
  z.url({ protocol: /^https?$/, error: 'a URL such as http://127.0.0.1:4443' }).optional(),
)

const gcsPlaceSchema = once(() =>
  z.strictObject({
    endpoint: endpoint().describe(
      'URL of an emulator, which gets no credentials; by default `STORAGE_EMULATOR_HOST`, or Google Cloud.',
    ),
    project: text()
      .optional()
      .describe('Project that pays for the requests, for buckets of the kind requester pays.'),
  }),
)

/** Connection to Google Cloud Storage. */
export const gcsSchema = once(() =>
  z.strictObject({
    ...gcsPlaceSchema().shape,
    buckets: z
      .record(z.string(), gcsPlaceSchema())
      .optional()
      .describe('Connections of single buckets, by bucket name; each replaces the default connection.'),
    cacheControl: ascii().optional().describe('`Cache-Control` header of images.'),
    metadata: z.record(z.string(), z.string()).optional().describe('Custom metadata of images.'),
    storageClass: text()
      .optional()
      .describe("Storage class of images, such as `NEARLINE`; by default the bucket's."),
    ifNoneMatch: z.boolean().optional().describe('Never overwrites: an output fails if its object exists.'),
    kmsKeyName: text().optional().describe("Cloud KMS key of everything written; by default the bucket's."),
  }),
)

const azurePlaceSchema = once(() =>
  z.strictObject({
    account: z
      .string()
      .regex(/^[a-z\d]{3,24}$/, {
        error: 'the name of a storage account: 3 to 24 lowercase letters and digits',
      })
      .optional()
      .describe(
        'Storage account; by default `AZURE_STORAGE_ACCOUNT`, or that of `AZURE_STORAGE_CONNECTION_STRING`.',
      ),
    endpoint: z
      .url({ protocol: /^https?$/, error: 'a URL such as http://127.0.0.1:10000/devstoreaccount1' })
      .regex(/^[^?#@]*$/, { error: 'a URL without credentials and query' })
      .optional()
      .describe(
        'URL of the blob service of the account; by default `https://ACCOUNT.blob.core.windows.net`.',
      ),
  }),
)

/** Account of Azure Blob Storage. */
export const azureSchema = once(() =>
  z.strictObject({
    ...azurePlaceSchema().shape,
    containers: z
      .record(z.string(), azurePlaceSchema())
      .optional()
      .describe('Accounts of single containers, by container name; each replaces the default account.'),
    cacheControl: ascii().optional().describe('`Cache-Control` header of images.'),
    metadata: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: 'a name of letters, digits and _' }), ascii())
      .optional()
      .describe('Metadata of images, in plain ASCII.'),
    accessTier: text()
      .optional()
      .describe("Access tier of images, such as `Cool`; by default the account's."),
    ifNoneMatch: z.boolean().optional().describe('Never overwrites: an output fails if its blob exists.'),
  }),
)
