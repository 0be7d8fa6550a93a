/** Extensions of image files. Other files that a glob matches are ignored. */
const IMAGE_EXTENSION = /\.(?:jpe?g|jpe|jfif|pjpeg|pjp|mpo|a?png|webp|avif|gif|tiff?|svgz?|heic|heif)$/i

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

const SIGNATURES = ['\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF87a', 'GIF89a', 'II*\0', 'MM\0*']

/** Returns true if a file begins with the signature of an image format that imgproc reads. */
export function hasImageContent(head: Uint8Array): boolean {
  const text = Buffer.from(head).toString('latin1')
  return (
    SIGNATURES.some((signature) => text.startsWith(signature)) ||
    /^RIFF.{4}WEBP|^.{4}ftyp(?:avif|avis|hei[cx]|hevc|mif1|msf1|miaf|MA1[AB])/s.test(text) ||
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
  if (/^(?:png|webp|avif|gif)$/.test(ext)) return ext
  return ext === 'svg' ? 'png' : 'jpg'
}
