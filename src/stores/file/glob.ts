import { stat } from 'node:fs/promises'
import platformPath, { type PlatformPath } from 'node:path'
import { fileURLToPath } from 'node:url'
import fg from 'fast-glob'
import type { Location } from '../types.js'
import { ImgprocError } from '../../errors.js'
import { isAbsent, quote } from '../errors.js'

/** What an argument stands for. Paths are absolute, with `/`. */
export interface Place extends Location {
  /** What is looked for below `ref`; empty but for a glob. */
  readonly glob: string
}

/**
 * A path or `file:` URL as an absolute path with `/` on every platform.
 *
 * @param path Node's path module; tests give `path.win32`.
 * @throws INVALID_USAGE for a `file:` URL that stands for no path.
 * @example
 * ```ts
 * toRef('photos/a.jpg', '/site') // '/site/photos/a.jpg'
 * ```
 */
export function toRef(text: string, cwd: string, path: PlatformPath = platformPath): string {
  return path.resolve(cwd, fromUrl(text, path)).replaceAll(path.sep, '/')
}

/** A pattern as it was meant: out of its quotes and its URL, with `/` where Windows has `\`. */
export function cleanPattern(text: string, path: PlatformPath = platformPath): string {
  // cmd.exe hands quotes over as they are typed.
  const unquoted = /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text
  return fromUrl(unquoted, path).replaceAll(path.sep, '/')
}

function fromUrl(text: string, path: PlatformPath): string {
  // `file:a.jpg` without a slash may well be a file's name.
  if (!/^file:\//i.test(text)) return text
  try {
    return fileURLToPath(text, { windows: path.sep === '\\' })
  } catch (cause) {
    const message = `${quote(text)} stands for no file on this machine. Write it as file:///folder/name.jpg.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: text, cause })
  }
}

/**
 * Whether a pattern has characters that can stand for others. An escaped one can't.
 *
 * @example
 * ```ts
 * isGlob('photos/**') // true
 * isGlob('a (1).jpg') // false
 * ```
 */
export function isGlob(pattern: string, path: PlatformPath = platformPath): boolean {
  const bare = cleanPattern(pattern, path).replace(/\\./gs, '')
  return bare !== '' && fg.isDynamicPattern(bare)
}

/**
 * What a pattern stands for on the disk: what exists as written, else a glob, else nothing.
 *
 * @throws INVALID_USAGE for an empty one, which would otherwise mean the whole working directory.
 */
export async function locate(pattern: string, cwd: string): Promise<Place> {
  const clean = cleanPattern(pattern)
  if (clean === '') {
    const message =
      'A path or glob is empty. Check the shell variable or the line of the list that it came from.'
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  const isMagic = isGlob(clean)
  for (const literal of new Set([pattern, clean, unescapeGlob(clean)])) {
    const ref = toRef(literal, cwd)
    // A name that may not be looked at is passed on as a file: who reads it learns why.
    const kind = await kindOf(ref, isMagic ? undefined : 'file')
    if (kind !== undefined) return { kind, ref, base: kind === 'folder' ? ref : toRef('..', ref), glob: '' }
  }
  if (!isMagic) {
    const ref = toRef(unescapeGlob(clean), cwd)
    return { kind: 'nothing', ref, base: toRef('..', ref), glob: '' }
  }
  const { path, rest } = await enterFolders(clean, cwd)
  return { kind: 'glob', ref: path, base: path, glob: rest.join('/') || '**' }
}

/** Follows a pattern as far as its segments, as written or escaped, are folders that exist. */
async function enterFolders(pattern: string, cwd: string): Promise<{ path: string; rest: string[] }> {
  const { root } = platformPath.parse(pattern)
  let path = toRef(root === '' ? '.' : root, cwd)
  const segments = pattern
    .slice(root.length)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
  for (const [index, segment] of segments.entries()) {
    const next = await firstFolder([toRef(segment, path), toRef(unescapeGlob(segment), path)])
    if (next === undefined) return { path, rest: segments.slice(index) }
    path = next
  }
  return { path, rest: [] }
}

async function firstFolder(refs: readonly string[]): Promise<string | undefined> {
  for (const ref of new Set(refs)) {
    if ((await kindOf(ref)) === 'folder') return ref
  }
  return undefined
}

function unescapeGlob(pattern: string): string {
  return pattern.replace(/\\(.)/gs, '$1')
}

/** What is at a path, links followed. Pipes and devices count as files: reading them says what is wrong. */
async function kindOf(ref: string, whenDenied?: 'file'): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(ref)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    return isAbsent(error) ? undefined : whenDenied
  }
}

/** A folder and a path below it, as one. */
export function joinRef(folder: string, rest: string): string {
  if (rest === '') return folder
  return folder.endsWith('/') ? folder + rest : `${folder}/${rest}`
}

/** Whether a path is a folder or lies below it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** The part of a path that is below a folder; an empty text for the folder itself. */
export function below(path: string, folder: string): string {
  return path.slice(folder.length).replace(/^\//, '')
}

/** A path below one folder, as it would be below another. */
export function transplant(path: string, from: string, to: string): string {
  return joinRef(to, below(path, from))
}
