/* oxlint-disable no-control-regex -- signatures hold any bytes */

/** Extensions of image files. Other files that a glob matches are ignored. */
const IMAGE_EXTENSION =
  /\.(?:jpe?g|jpe|jfif|pjpeg|pjp|mpo|a?png|webp|avif|gif|tiff?|svgz?|heic|heif|jxl|bmp|dib|ico|cur|p[abgnp]m|qoi)$/i

/** Returns true if the extension is that of an image format that imgproc reads. */
export function hasImageName(path: string): boolean {
  return IMAGE_EXTENSION.test(path)
}

/** Returns true if a file name has no extension, as keys of uploads often have none. A leading dot begins none. */
export function hasNoExtension(path: string): boolean {
  return !/[^/]\.[^/.]+$/.test(path)
}

/** Bytes of a file that `hasImageContent` needs. */
export const SIGNATURE_BYTES = 256

const SIGNATURES = [
  '\xff\xd8\xff',
  '\x89PNG\r\n\x1a\n',
  'GIF87a',
  'GIF89a',
  'II*\0',
  'MM\0*',
  'II+\0',
  'MM\0+',
  '\xff\x0a',
  '\0\0\0\x0cJXL ',
]

/** Signatures that are too short to stand alone, and what has to follow them. */
const LONGER_SIGNATURES = [
  /^RIFF.{4}WEBP/s,
  /^.{4}ftyp(?:avif|avis|hei[cx]|hevc|mif1|msf1|miaf|MA1[AB])/s,
  // BMP: the size of the second header, which is one of a few.
  /^BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0{3}/s,
  // ICO and CUR: a few pictures, and the first one's reserved byte, size and position.
  /^\0{2}[\x01\x02]\0[^\0]\0.{3}[\0\xff].{7}\0(?:[\x16-\xff]\0|.[^\0]).\0/s,
  // PNM: a size, or the line that begins a PAM.
  /^P[1-6](?:\s|#[^\n\r]*[\n\r])+\d+(?:\s|#[^\n\r]*[\n\r])+\d/,
  /^P7\n(?:#.*\n)*WIDTH \d/,
  /^qoif.{8}[\x03\x04][\0\x01]/s,
]

/** Returns true if a file begins with the signature of an image format that imgproc reads. */
export function hasImageContent(head: Uint8Array): boolean {
  const text = Buffer.from(head).toString('latin1')
  return (
    SIGNATURES.some((signature) => text.startsWith(signature)) ||
    LONGER_SIGNATURES.some((signature) => signature.test(text)) ||
    /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)?(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(text)
  )
}

/** Returns the extension in lower case, or the name of a file without one: ignored files are counted by it. */
export function kindOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot).toLowerCase() : name
}

/** Returns the extension that an output most likely gets if its format follows from the source, without the dot. */
export function likelyExtension(path: string): string {
  const ext = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  if (/^(?:png|webp|avif|jxl|gif)$/.test(ext)) return ext
  return /^(?:svg|apng|ico|cur)$/.test(ext) ? 'png' : 'jpg'
}
