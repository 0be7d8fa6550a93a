import nodePath from 'node:path'
import type { PlatformPath } from 'node:path'
import { ImgprocError } from '../errors.js'

const DRIVE_OR_SHARE = /^(?:[a-z]:[\\/]|\\\\)/i
// Device names are reserved in every folder and with any extension.
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i
// A colon opens an alternate stream. Dots and spaces at the end of a name are removed: `.. ` becomes `..`.
// oxlint-disable-next-line no-control-regex -- Windows forbids control characters in names
const WINDOWS_FORBIDDEN = /[<>:"|?*\u0000-\u001f]|[. ]$/
// The colon of an unfilled token does not count.
const OPEN_HASH = /\{hash:\d+\}/g
// A fast path for ASCII, ten times as fast.
const ASCII = /^[ -~]*$/
// Backslashes, empty segments, `.` and `..`, which have to be normalised before a path is cut.
const UNNORMALISED = /\\|\/\.{0,2}(?:\/|$)/
// Everything but the dotless i: its upper case is I, but no file system treats the two as equal.
const CASED = /[^ı]+/g

/**
 * Checks that an output path, or a target with unfilled tokens, stays inside the output folder.
 *
 * @param platform rules of the system that the output is written to; `path.posix` for S3.
 * @throws ImgprocError OUTPUT_OUTSIDE_ROOT
 * @example
 * ```ts
 * checkTarget('2024/beach.thumb.webp') // passes
 * checkTarget('../beach.thumb.webp') // throws
 * ```
 */
export function checkTarget(path: string, platform: PlatformPath = nodePath): void {
  const windows = platform.sep === '\\'
  const slashed = windows ? path.replaceAll('\\', '/') : path
  if (path.trim() === '') throw createOutsideRootError(path, 'is empty')
  if (slashed.startsWith('/')) throw createOutsideRootError(path, 'is absolute')
  // Rejected on every system: `C:\img` on Linux is a mistake, not the name of a file.
  if (DRIVE_OR_SHARE.test(path)) throw createOutsideRootError(path, 'is on a drive or network share')
  if (/(?:^|\/)\.\.(?:\/|$)/.test(slashed)) throw createOutsideRootError(path, 'goes up a folder ("..")')
  if (!windows) return
  for (const segment of slashed.split('/')) {
    const name = segment.replace(OPEN_HASH, '{hash}')
    if (WINDOWS_DEVICE.test(name) || WINDOWS_FORBIDDEN.test(name)) {
      throw createOutsideRootError(
        path,
        `has the name "${segment}", which is not a valid file name on Windows`,
      )
    }
  }
}

function createOutsideRootError(path: string, problem: string): ImgprocError {
  const help =
    'Use a --path that stays in it, such as "{dir}/{name}.{preset}.{ext}", and choose the folder with --out.'
  const message = `The output path "${path}" ${problem}; outputs are written only inside the output folder. ${help}`
  return new ImgprocError('OUTPUT_OUTSIDE_ROOT', message, { stage: 'plan', path })
}

/**
 * Returns a key that is equal for paths that are one file on some file system: they differ only by case or Unicode
 * normalisation.
 *
 * @example
 * ```ts
 * collisionKey('Straße.JPG') === collisionKey('STRASSE.jpg') // true
 * ```
 */
export function collisionKey(path: string): string {
  if (ASCII.test(path)) return path.toLowerCase()
  return path.normalize('NFC').replace(CASED, foldCase).normalize('NFC')
}

function foldCase(text: string): string {
  // Upper case turns ß into SS, as Unicode's full case folding does. ẞ first has to become ß.
  return text.toLowerCase().toUpperCase().toLowerCase()
}

/**
 * Returns the deepest folder that contains all of these folders; empty if there is none.
 *
 * @param bases paths or URLs with `/`.
 * @example
 * ```ts
 * commonBase(['/photos/2023/may', '/photos/2024']) // '/photos'
 * ```
 */
export function commonBase(bases: readonly string[]): string {
  const [first = [], ...others] = bases.map(splitFolders)
  const differs = (folder: string, depth: number) => others.some((other) => other[depth] !== folder)
  const depth = first.findIndex(differs)
  const shared = depth === -1 ? first : first.slice(0, depth)
  const base = shared.join('/').replace(':///', '://')
  // The root of a file system or drive keeps its slash.
  return shared.length === 1 && /^(?:[a-z]:)?$/i.test(base) ? `${base}/` : base
}

function splitFolders(base: string): string[] {
  // In a URL an empty name counts.
  const [scheme] = /^[a-z][a-z\d+.-]+:\/\//i.exec(base) ?? []
  if (scheme !== undefined)
    return base === scheme ? [scheme] : [scheme, ...base.slice(scheme.length).split('/')]
  // A server and its share are one root: no folder is above them.
  const [root] = /^(?:\/\/[^/]+\/[^/]+|[a-z]:)?/i.exec(base) ?? ['']
  const drive = root.startsWith('//') ? root : root.toUpperCase()
  const rest = base.slice(root.length).split('/')
  const folders = rest.filter((folder) => folder !== '')
  return root !== '' || rest[0] === '' ? [drive, ...folders] : folders
}

/**
 * Returns the path from a folder to a file, always with `/`, as the manifest names sources and outputs. On Windows
 * a file on another drive keeps its absolute path.
 *
 * @param from absolute.
 * @param to absolute.
 * @example
 * ```ts
 * relativePath('/site', '/site/photos/a.jpg') // 'photos/a.jpg'
 * ```
 */
export function relativePath(from: string, to: string, platform: PlatformPath = nodePath): string {
  // The common case, called for each of millions of files.
  const isNormalised = !UNNORMALISED.test(to)
  if (isNormalised && to.startsWith(`${from}/`)) return to.slice(from.length + 1)
  const slash = to.lastIndexOf('/')
  if (!isNormalised || to.indexOf('/') === slash) return computeRelative(from, to, platform)
  // Files of one folder follow each other: its relative path is computed once.
  const folder = to.slice(0, slash)
  if (last.from !== from || last.folder !== folder || last.platform !== platform)
    last = { from, folder, platform, relative: computeRelative(from, folder, platform) }
  const { relative } = last
  // The folder is above `from`, and the next name may lead down again.
  if (ONLY_UP.test(relative)) return computeRelative(from, to, platform)
  return relative === '' ? to.slice(slash + 1) : relative + to.slice(slash)
}

const ONLY_UP = /^\.\.(?:\/\.\.)*$/

let last = { from: '', folder: '', platform: nodePath, relative: '' }

function computeRelative(from: string, to: string, platform: PlatformPath): string {
  const path = platform.relative(from, to)
  // On other systems a backslash is part of a name.
  return platform.sep === '\\' ? path.replaceAll('\\', '/') : path
}
