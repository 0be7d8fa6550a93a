import { ImgprocError } from '../../errors.js'
import type { PlatformPath } from 'node:path'
import { fileURLToPath } from 'node:url'
import platformPath from 'node:path'
import { quote } from '../errors.js'
import { unquote } from '../unquote.js'

/**
 * Converts a path or `file:` URL to an absolute path with `/` on every platform.
 *
 * @param path Node's path module, or `path.win32` in tests.
 * @throws INVALID_USAGE for a `file:` URL that is not a path.
 * @example
 * ```ts
 * toAbsolutePath('photos/a.jpg', '/site') // '/site/photos/a.jpg'
 * ```
 */
export function toAbsolutePath(text: string, cwd: string, path: PlatformPath = platformPath): string {
  if (path.sep === '/' && isNormal(text)) return text
  return path.resolve(cwd, fromUrl(text, path)).replaceAll(path.sep, '/')
}

/** Returns true for an absolute path that `path.resolve` would return unchanged. It takes several times as long to tell. */
function isNormal(text: string): boolean {
  return text.startsWith('/') && !/\/\.{0,2}(?:\/|$)/.test(text)
}

/** Removes quotes around a pattern, converts a `file:` URL to a path, and replaces `\` by `/` on Windows. */
export function cleanPattern(text: string, path: PlatformPath = platformPath): string {
  return fromUrl(unquote(text), path).replaceAll(path.sep, '/')
}

function fromUrl(text: string, path: PlatformPath): string {
  // `file:a.jpg` without a slash may be the name of a file.
  if (!/^file:\//i.test(text)) return text
  try {
    return fileURLToPath(text, { windows: path.sep === '\\' })
  } catch (cause) {
    const message = `${quote(text)} is not a valid file URL on this machine. Write it as file:///folder/name.jpg.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: text, cause })
  }
}

/** Joins a folder and a relative path. */
export function joinPath(folder: string, rest: string): string {
  if (rest === '') return folder
  return folder.endsWith('/') ? folder + rest : `${folder}/${rest}`
}

/** Returns true if a path is a folder or lies below it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** Returns a path relative to a folder above it; empty for the folder itself. */
export function pathBelow(path: string, folder: string): string {
  return path.slice(folder.length).replace(/^\//, '')
}

/** Moves a path below one folder to the same place below another. */
export function rebasePath(path: string, from: string, to: string): string {
  return joinPath(to, pathBelow(path, from))
}
