/* oxlint-disable no-control-regex -- signatures hold any bytes */

const TYPES: readonly (readonly [signature: RegExp, type: string])[] = [
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^\x89PNG\r\n\x1a\n/, 'image/png'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF.{4}WEBP/s, 'image/webp'],
  [/^.{4}ftyp(?:avif|avis)/s, 'image/avif'],
  [/^.{4}ftyp(?:hei[cx]|hevc|mif1|msf1|miaf)/s, 'image/heic'],
  [/^(?:\xff\x0a|\0\0\0\x0cJXL )/, 'image/jxl'],
  [/^(?:II\*\0|MM\0\*)/, 'image/tiff'],
  [/^BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0{3}/s, 'image/bmp'],
  [/^\0{2}[\x01\x02]\0[^\0]\0/, 'image/vnd.microsoft.icon'],
  [/^P[1-7]\s+(?:#|\d|WIDTH)/, 'image/x-portable-anymap'],
  [/^qoif/, 'image/qoi'],
  [
    /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/is,
    'image/svg+xml',
  ],
]

/** Bytes that are looked at: comments may precede the root of an SVG. */
const HEAD_BYTES = 1024

export const SVG_TYPE = 'image/svg+xml'

/** Returns the media type of an image by its first bytes; undefined for another file. Names may lie. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1')
  return TYPES.find(([signature]) => signature.test(head))?.[1]
}
