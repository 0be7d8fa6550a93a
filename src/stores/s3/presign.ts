import type { PresignOptions } from '../types.js'
import type { S3Clients } from './clients.js'
import { toS3Error } from './errors.js'
import { parseObjectRef } from './uri.js'

/** Returns a URL that reads an object without credentials. Asks the server nothing. */
export async function presignObject(
  clients: S3Clients,
  ref: string,
  { seconds, contentDisposition }: PresignOptions,
): Promise<string> {
  const { bucket, key } = parseObjectRef(ref)
  try {
    return await clients.request(bucket, undefined, async ({ sdk, client }) => {
      const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
      const command = new sdk.GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(contentDisposition !== undefined && { ResponseContentDisposition: contentDisposition }),
      })
      return getSignedUrl(client, command, { expiresIn: seconds })
    })
  } catch (error) {
    throw toS3Error(error, ref, 's3:GetObject')
  }
}
