import { isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Returns the URL of a file relative to a folder; absolute if it is on another drive. */
export function relativeUrl(folder: string, file: string): string {
  const path = relative(folder, file)
  if (isAbsolute(path)) return pathToFileURL(path).href
  return path.split(sep).map(encodeURIComponent).join('/')
}
