import fg from 'fast-glob'
import picomatch from 'picomatch'

/** Whether a text is meant. */
export type Matcher = (text: string) => boolean

/** Numbers of a range such as `{1..500}`, at most: each of them is spelled out. */
const MAX_RANGE = 10_000

/** What all refs below a folder begin with. A key may hold empty names, so `a/` is the folder of `a//b.jpg`. */
export function prefixOf(folder: string): string {
  return folder.endsWith('://') ? folder : `${folder}/`
}

/** The folder that a ref lies in. */
export function parentOf(ref: string): string {
  const root = ref.indexOf('://') + 3
  return ref.slice(0, Math.max(ref.lastIndexOf('/'), root))
}

/** A pattern as it was meant: cmd.exe hands quotes over as they are typed. */
export function unquote(pattern: string): string {
  return /^(['"])(.*)\1$/s.exec(pattern)?.[2] ?? pattern
}

/** A pattern without the backslashes that make its characters literal. */
export function unescapeGlob(pattern: string): string {
  return pattern.replace(/\\(.)/gs, '$1')
}

/** Whether a key has characters that can stand for others. An escaped one can't. */
export function isGlob(key: string): boolean {
  const bare = withoutEscapes(key)
  return bare !== '' && fg.isDynamicPattern(bare)
}

/** Whether a name can be no part of a glob, not even of one that goes on after a `/`. */
export function isFixed(name: string): boolean {
  return !/[*?{}()[\]]/.test(withoutEscapes(name))
}

/** Whether a glob can match only what lies directly in its folder. */
export function isShallow(glob: string): boolean {
  return !glob.includes('/') && !glob.includes('**')
}

/** What a glob means below its folder: as on the disk, in any case, without dot folders and node_modules. */
export function createMatcher(glob: string): Matcher {
  const matches = compile([glob], false)
  if (/node_modules/i.test(glob)) return matches
  const isModule = compile(['**/node_modules/**'], true)
  return (text) => matches(text) && !isModule(text)
}

/**
 * Which refs are to be left out: globs and names relative to a folder, or whole URLs of its scheme. What names a
 * folder leaves out all that is in it.
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

/** What exists as written comes before what it means as a glob, as for arguments. */
function compileIgnored(glob: string): Matcher {
  const names = [glob, unescapeGlob(glob)]
  const matches = compile([glob, `${glob}/**`], true)
  return (text) => names.some((name) => text === name || text.startsWith(`${name}/`)) || matches(text)
}

function compile(globs: string[], dot: boolean): Matcher {
  const options = { dot, nonegate: true, posix: true, keepQuotes: true, flags: 'is', expandRange }
  const matches = picomatch(globs, options)
  return (text) => matches(spellOut(text))
}

/** Empty, `.` and `..` are names like others in a key; to picomatch they are none, so others stand for them. */
function spellOut(text: string): string {
  return text.replace(/(?<=^|\/)\.{0,2}(?=\/|$)/g, (name) => '\u0001'.repeat(name.length + 1))
}

/** `{8..11}` as what a regular expression has for it; picomatch knows only ranges of single characters. */
function expandRange(from: string, to: string): string {
  const [start, end] = [Number(from), Number(to)]
  if (!Number.isInteger(start) || !Number.isInteger(end)) return `[${[from, to].toSorted().join('-')}]`
  const [least, most] = [Math.min(start, end), Math.max(start, end)]
  const digits = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0
  const count = Math.min(most - least + 1, MAX_RANGE)
  const numbers = Array.from({ length: count }, (_, index) => String(least + index).padStart(digits, '0'))
  return `(?:${numbers.join('|')})`
}

function withoutEscapes(pattern: string): string {
  return pattern.replace(/\\./gs, '')
}
