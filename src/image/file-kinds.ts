/** Extensions of files that are taken for images: a glob's other files are ignored. */
const IMAGE = /\.(?:jpe?g|jpe|jfif|png|webp|avif|gif|tiff?|svgz?|heic|heif)$/i

/** Whether a name promises an image that imgproc reads. */
export function hasImageName(path: string): boolean {
  return IMAGE.test(path)
}

/** How many bytes of a file tell whether it is an image. */
export const SIGNATURE_BYTES = 256

const SIGNATURES = ['\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF87a', 'GIF89a', 'II*\0', 'MM\0*']

/** Whether a file begins as the images do that imgproc reads, whatever its name. */
export function hasImageContent(head: Uint8Array): boolean {
  const text = Buffer.from(head).toString('latin1')
  return (
    SIGNATURES.some((signature) => text.startsWith(signature)) ||
    /^RIFF.{4}WEBP|^.{4}ftyp(?:avif|avis|heic|heix|hevc|mif1|msf1)/s.test(text) ||
    /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)?(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(text)
  )
}

/** What a file that is ignored is counted under: its extension, or its name where it has none. */
export function kindOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot).toLowerCase() : name
}

/** The extension that an output most likely has whose format is the source's. */
export function likelyExtension(path: string): string {
  const ext = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  if (/^(?:png|webp|avif|gif)$/.test(ext)) return ext
  return ext === 'svg' ? 'png' : 'jpg'
}
