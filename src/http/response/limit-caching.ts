import type { ImageRecord } from '../records/types.js'

/**
 * Changes the `Cache-Control` of a picture of an upload: caches may not keep it beyond the end of the upload, and shared ones
 * not at all if only the holder of a token may see it.
 */
export function limitCaching(
  response: Response,
  { expiresAt, deleteAfterDownload }: ImageRecord,
  hasToken: boolean,
): Response {
  const { headers } = response
  const value = headers.get('cache-control')
  if (value === null) return response
  const left = expiresAt === undefined ? Infinity : (Date.parse(expiresAt) - Date.now()) / 1000
  const seconds = deleteAfterDownload === true ? 0 : Math.max(0, Math.floor(left))
  const limited = value
    .replace(/\b(?:max-age|s-maxage)=(\d+)/g, (directive, age: string) =>
      directive.replace(age, String(Math.min(Number(age), seconds))),
    )
    .replace(hasToken ? /\bpublic\b/ : /(?!)/, 'private')
  if (limited !== value) headers.set('cache-control', limited)
  return response
}
