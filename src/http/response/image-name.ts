import { FORMATS } from '../../image/output-formats.js'

const EXTENSIONS = new Map(Object.values(FORMATS).map(({ mime, ext }) => [mime, ext]))
const SAME: Readonly<Record<string, RegExp | undefined>> = {
  'image/jpeg': /\.(?:jpe?g|jpe|jfif|pjpeg|pjp|mpo)$/i,
  'image/tiff': /\.tiff?$/i,
}

/** Returns the name under which a picture is saved: that of its source, with the extension of its own format. */
export function imageName(source: string, type: string): string {
  const ext = EXTENSIONS.get(type)
  if (ext === undefined || source.toLowerCase().endsWith(`.${ext}`) || SAME[type]?.test(source) === true)
    return source
  return `${source.replace(/(?<=.)\.[^.]*$/, '')}.${ext}`
}
