import { crc32 } from 'node:zlib'
import type { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'

type Config = S3Client['config']
type AuthScheme = NonNullable<Parameters<Config['signer']>[0]>
type Signer = Awaited<ReturnType<Config['signer']>>
export type HttpRequest = Parameters<Signer['sign']>[0]

/** Answer of the SDK's HTTP client. */
export interface HttpResponse {
  readonly statusCode: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable
}

/** A request that the SDK made, to make others that differ in key and body only. */
export interface RequestTemplate {
  readonly request: HttpRequest
  /** Path before the key. */
  readonly base: string
  readonly scheme: AuthScheme
  readonly signer: Signer
}

/** Headers that the SDK sends once. */
const SINGLE_HEADERS = new Set(['amz-sdk-invocation-id', 'amz-sdk-request'])
const CHECKSUM = 'x-amz-checksum-crc32'
/** Headers that depend on the body in a way that `fillTemplate` does not know. */
const OTHER_CHECKSUM = /^(?:x-amz-checksum-(?!crc32$)|x-amz-trailer$|content-md5$|transfer-encoding$)/

/**
 * Makes a template of an unsigned request for an object. Returns undefined if it is signed or addressed in a way that may
 * differ from request to request, as in a directory bucket.
 *
 * @param schemes the ways to sign a request to its endpoint.
 */
export async function createTemplate(
  config: Config,
  { query, headers, path, ...request }: HttpRequest,
  key: string,
  [scheme, ...others]: readonly AuthScheme[],
): Promise<RequestTemplate | undefined> {
  const encoded = encodeKey(key)
  const names = Object.keys(headers)
  if (scheme?.name !== 'sigv4' || others.length > 0) return undefined
  if (!path.endsWith(`/${encoded}`) || names.some((name) => OTHER_CHECKSUM.test(name.toLowerCase())))
    return undefined
  const kept = Object.entries(headers).filter(([name]) => !SINGLE_HEADERS.has(name))
  return {
    request: { ...request, path, query: { ...query }, headers: Object.fromEntries(kept), body: undefined },
    base: path.slice(0, -encoded.length),
    scheme,
    signer: await config.signer(scheme),
  }
}

/** Makes the request of a template for another key, and signs it with the client's credentials of the moment. */
export async function fillTemplate(
  { request, base, scheme, signer }: RequestTemplate,
  { systemClockOffset }: Config,
  key: string,
  body: Uint8Array | undefined,
): Promise<HttpRequest> {
  const headers = { ...request.headers }
  if (body !== undefined) {
    headers['content-length'] = String(body.length)
    if (CHECKSUM in headers) headers[CHECKSUM] = checksumOf(body)
  }
  const { signingRegion, signingName } = scheme
  return signer.sign(
    { ...request, headers, path: base + encodeKey(key), body },
    {
      signingDate: new Date(Date.now() + systemClockOffset),
      ...(signingRegion !== undefined && { signingRegion }),
      ...(signingName !== undefined && { signingService: signingName }),
    },
  )
}

/** Encodes a key as the SDK does: all but letters, digits, slashes and `-_.~`. */
function encodeKey(key: string): string {
  return key.split('/').map(encodeSegment).join('/')
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function checksumOf(body: Uint8Array): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64')
}
