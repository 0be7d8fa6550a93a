import nodePath from 'node:path'
import type { PlatformPath } from 'node:path'
import { ImgprocError } from '../errors.js'

const DRIVE_OR_SHARE = /^(?:[a-z]:[\\/]|\\\\)/i
// Devices in every folder, whatever extension they are given.
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i
// A colon opens another stream of a file, and the end of a segment loses its dots and spaces: `.. ` is `..`.
// oxlint-disable-next-line no-control-regex -- Windows forbids control characters in names
const WINDOWS_FORBIDDEN = /[<>:"|?*\u0000-\u001f]|[. ]$/
// The one colon that is none yet: a token that is still open.
const OPEN_HASH = /\{hash:\d+\}/g
// ASCII, and so most paths of a run of millions, is done ten times faster.
const PLAIN = /^[ -~]*$/
// What a path has to lose before it can be cut.
const UNSETTLED = /\\|\/\.{0,2}(?:\/|$)/
// All but the dotless i: upper case would make it an I, and no file system takes the two for one.
const CASED = /[^ı]+/g

/**
 * Sees to it that an output path, or a target whose tokens are still open, stays below the output root.
 *
 * @param platform whose rules hold where the output is written; `path.posix` for S3.
 * @throws ImgprocError OUTPUT_OUTSIDE_ROOT
 * @example
 * ```ts
 * checkTarget('2024/beach.thumb.webp') // nothing happens
 * checkTarget('../beach.thumb.webp') // throws
 * ```
 */
export function checkTarget(path: string, platform: PlatformPath = nodePath): void {
  const windows = platform.sep === '\\'
  const slashed = windows ? path.replaceAll('\\', '/') : path
  if (path.trim() === '') throw refuse(path, 'is empty')
  if (slashed.startsWith('/')) throw refuse(path, 'is absolute')
  // Refused on every system: who types `C:\img` on Linux doesn't want a file of that name.
  if (DRIVE_OR_SHARE.test(path)) throw refuse(path, 'is on a drive or network share')
  if (/(?:^|\/)\.\.(?:\/|$)/.test(slashed)) throw refuse(path, 'goes up a folder ("..")')
  if (!windows) return
  for (const segment of slashed.split('/')) {
    const name = segment.replace(OPEN_HASH, '{hash}')
    if (WINDOWS_DEVICE.test(name) || WINDOWS_FORBIDDEN.test(name)) {
      throw refuse(path, `has the name "${segment}", which means something else on Windows`)
    }
  }
}

function refuse(path: string, problem: string): ImgprocError {
  const help =
    'Use a --path that stays in it, such as "{dir}/{name}.{preset}.{ext}", and choose the folder with --out.'
  const message = `The output path "${path}" ${problem}; outputs are written only inside the output folder. ${help}`
  return new ImgprocError('OUTPUT_OUTSIDE_ROOT', message, { stage: 'plan', path })
}

/**
 * Equal for paths that some file system takes for one: they differ only by case or Unicode normalisation.
 *
 * @example
 * ```ts
 * collisionKey('Straße.JPG') === collisionKey('STRASSE.jpg') // true
 * ```
 */
export function collisionKey(path: string): string {
  if (PLAIN.test(path)) return path.toLowerCase()
  return path.normalize('NFC').replace(CASED, foldCase).normalize('NFC')
}

function foldCase(text: string): string {
  // By way of upper case ß becomes ss, as in Unicode's full folding; ẞ has to become ß before.
  return text.toLowerCase().toUpperCase().toLowerCase()
}

/**
 * The deepest folder that holds all of these folders; empty where none does.
 *
 * @param bases with `/`.
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
  // Below a scheme and its slashes every name counts, be it empty.
  const [scheme] = /^[a-z][a-z\d+.-]+:\/\//i.exec(base) ?? []
  if (scheme !== undefined)
    return base === scheme ? [scheme] : [scheme, ...base.slice(scheme.length).split('/')]
  // A server and its share are one: there is no folder above them.
  const [root] = /^(?:\/\/[^/]+\/[^/]+|[a-z]:)?/i.exec(base) ?? ['']
  const drive = root.startsWith('//') ? root : root.toUpperCase()
  const rest = base.slice(root.length).split('/')
  const folders = rest.filter((folder) => folder !== '')
  return root !== '' || rest[0] === '' ? [drive, ...folders] : folders
}

/**
 * The way from a folder to a file, always with `/`: how the manifest names sources and outputs. On Windows
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
  // Nearly always: a run over millions asks for each.
  const isSettled = !UNSETTLED.test(to)
  if (isSettled && to.startsWith(`${from}/`)) return to.slice(from.length + 1)
  const slash = to.lastIndexOf('/')
  if (!isSettled || to.indexOf('/') === slash) return wayBetween(from, to, platform)
  // Files of one folder come one after the other.
  const folder = to.slice(0, slash)
  if (last.from !== from || last.folder !== folder || last.platform !== platform)
    last = { from, folder, platform, way: wayBetween(from, folder, platform) }
  const { way } = last
  // From a folder above, the next name may be one that leads back.
  if (ONLY_UP.test(way)) return wayBetween(from, to, platform)
  return way === '' ? to.slice(slash + 1) : way + to.slice(slash)
}

const ONLY_UP = /^\.\.(?:\/\.\.)*$/

let last = { from: '', folder: '', platform: nodePath, way: '' }

function wayBetween(from: string, to: string, platform: PlatformPath): string {
  const path = platform.relative(from, to)
  // Elsewhere a backslash is a letter like any other.
  return platform.sep === '\\' ? path.replaceAll('\\', '/') : path
}
