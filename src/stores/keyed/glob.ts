import fg from 'fast-glob'
import picomatch from 'picomatch'
import { unquote } from '../unquote.js'

/** True for a text that matches. */
export type Matcher = (text: string) => boolean

/** Maximum numbers of a range such as `{1..500}`: each of them becomes part of the regular expression. */
const MAX_RANGE = 10_000

/** Returns the prefix of all refs below a folder. A key may contain empty names: `a/` is the folder of `a//b.jpg`. */
export function prefixOf(folder: string): string {
  return folder.endsWith('://') ? folder : `${folder}/`
}

/** Returns the folder of a ref. */
export function parentOf(ref: string): string {
  const root = ref.indexOf('://') + 3
  return ref.slice(0, Math.max(ref.lastIndexOf('/'), root))
}

/** Removes the backslashes that make characters of a pattern literal. */
export function unescapeGlob(pattern: string): string {
  return pattern.replace(/\\(.)/gs, '$1')
}

/** True if a key has wildcards that are not escaped. */
export function isGlob(key: string): boolean {
  const unescaped = withoutEscapes(key)
  return unescaped !== '' && fg.isDynamicPattern(unescaped)
}

/** True if a name between two slashes is literal: no part of a wildcard, not even of one that spans slashes. */
export function isLiteral(name: string): boolean {
  return !/[*?{}()[\]]/.test(withoutEscapes(name))
}

/** True if a glob only matches entries directly in its folder. */
export function isShallow(glob: string): boolean {
  return !glob.includes('/') && !glob.includes('**')
}

/** Compiles a glob relative to its folder. As on disk, it ignores case, dot folders and node_modules. */
export function createMatcher(glob: string): Matcher {
  const matches = compile([glob], false)
  if (/node_modules/i.test(glob)) return matches
  const isModule = compile(['**/node_modules/**'], true)
  return (text) => matches(text) && !isModule(text)
}

/**
 * Compiles patterns of refs to leave out: globs and names relative to a folder, or URLs of its scheme. A pattern that
 * matches a folder leaves out everything in it.
 */
export function createIgnore(patterns: readonly string[], folder: string): Matcher {
  const root = folder.slice(0, folder.indexOf('://') + 3)
  const tests = patterns.map((pattern) => {
    const clean = unquote(pattern).replace(/^(?:\.\/)+|\/$/g, '')
    const start = clean.startsWith(root) ? root : prefixOf(folder)
    const glob = clean.startsWith(root) ? clean.slice(root.length) : clean
    return { start, matches: compileIgnored(glob) }
  })
  return (ref) =>
    tests.some(({ start, matches }) => ref.startsWith(start) && matches(ref.slice(start.length)))
}

/** A literal match is tried before the glob, as for inputs. */
function compileIgnored(glob: string): Matcher {
  const names = [glob, unescapeGlob(glob)]
  const matches = compile([glob, `${glob}/**`], true)
  return (text) => names.some((name) => text === name || text.startsWith(`${name}/`)) || matches(text)
}

function compile(globs: string[], dot: boolean): Matcher {
  const options = { dot, nonegate: true, posix: true, keepQuotes: true, flags: 'is', expandRange }
  const matches = picomatch(globs, options)
  return (text) => matches(replaceDotNames(text))
}

/** Replaces empty names, `.` and `..`: they are ordinary names in a key, but picomatch never matches them. */
function replaceDotNames(text: string): string {
  return text.replace(/(?<=^|\/)\.{0,2}(?=\/|$)/g, (name) => '\u0001'.repeat(name.length + 1))
}

/** Returns a regular expression for `{8..11}`: picomatch only supports ranges of single characters. */
function expandRange(from: string, to: string): string {
  const [start, end] = [Number(from), Number(to)]
  if (!Number.isInteger(start) || !Number.isInteger(end)) return `[${[from, to].toSorted().join('-')}]`
  const [min, max] = [Math.min(start, end), Math.max(start, end)]
  const digits = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0
  const count = Math.min(max - min + 1, MAX_RANGE)
  const numbers = Array.from({ length: count }, (_, index) => String(min + index).padStart(digits, '0'))
  return `(?:${numbers.join('|')})`
}

function withoutEscapes(pattern: string): string {
  return pattern.replace(/\\./gs, '')
}
