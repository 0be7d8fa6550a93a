import { basename, extname } from 'node:path'
import { types } from 'node:util'
import stripComments from 'strip-json-comments'
import { createConfigError } from './errors.js'

/** Parses a config file. Throws INVALID_CONFIG, with the line if it is known. */
export type ReadConfig = (file: string, text: string) => unknown

/** Returns a reader for each file extension, and `noExt` for `.imgprocrc`. `nameFile` names a file in messages. */
export function createReaders(
  parseYaml: ReadConfig,
  nameFile: (file: string) => string,
): Record<string, ReadConfig> {
  const fail = (file: string, { line, reason }: Failure, cause?: unknown): never => {
    const message = `${nameFile(file)}${line === undefined ? '' : `, line ${line}`}: ${reason}`
    throw createConfigError(message, file, cause)
  }
  const guard =
    (read: ReadConfig, explain: (error: unknown, file: string, text: string) => Failure): ReadConfig =>
    async (file, text) => {
      try {
        return await read(file, text)
      } catch (error) {
        return fail(file, explain(error, file, text), error)
      }
    }
  const script: ReadConfig = async (file, text) => {
    const content = await guard(runScript, explainScript)(file, text)
    if (content === undefined)
      return fail(file, { reason: 'has no default export; write "export default { … }"' })
    if (typeof content !== 'function') return content
    return fail(file, { reason: 'exports a function; export the object it returns' })
  }
  const yaml = guard(parseYaml, explainYaml)
  const json = guard(parseJson, explainJson)
  return {
    ...Object.fromEntries(
      ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'].map((extension) => [extension, script]),
    ),
    '.json': json,
    '.yaml': yaml,
    '.yml': yaml,
    noExt: yaml,
  }
}

interface Failure {
  readonly line?: number | undefined
  readonly reason: string
}

/** Scripts already imported by Node. Its module cache would return them again, even if the file has changed. */
const loadedByNode = new Set<string>()

async function runScript(file: string, text: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const jiti = createJiti(file, {
    // Without caches, jiti writes no files to the project and reads changed files again.
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    // Node runs JavaScript itself. If it fails, jiti parses the file and reports the line.
    tryNative: !isTypeScript(file),
  })
  const isRead = loadedByNode.has(file)
  if (!isTypeScript(file)) loadedByNode.add(file)
  const again = { filename: file, async: true, forceTranspile: true }
  return await defaultOf(await (isRead ? jiti.evalModule(text, again) : jiti.import(file)))
}

function defaultOf(module: unknown): unknown {
  if (typeof module !== 'object' || module === null) return module
  if ('default' in module) {
    const inner = module.default
    // In CommonJS compiled from ESM, the default export is nested one level deeper.
    return isCompiled(inner) ? inner.default : inner
  }
  // Without a default, it is the value of `module.exports`, or a module with named exports only.
  return isCompiled(module) || types.isModuleNamespaceObject(module) ? undefined : module
}

function isCompiled(value: unknown): value is { readonly default?: unknown } {
  return typeof value === 'object' && value !== null && '__esModule' in value
}

function parseJson(file: string, text: string): unknown {
  return JSON.parse(toStrictJson(file, text))
}

/** Replaces comments and trailing commas by whitespace, except in package.json, which others read too. */
function toStrictJson(file: string, text: string): string {
  const json = text.replace(/^\uFEFF/, '')
  return basename(file) === 'package.json' ? json : stripComments(json, { trailingCommas: true })
}

function explainJson(error: unknown, file: string, text: string): Failure {
  const json = toStrictJson(file, text)
  const message = messageOf(error)
  const [, unexpected] = UNEXPECTED.exec(message) ?? []
  const [, expected = message, position] = /^(.*) in JSON at position (\d+)/.exec(message) ?? []
  const end = message.startsWith('Unexpected end') ? json.trimEnd().length : undefined
  const at = unexpected === undefined ? (position ?? end) : findUnexpected(json)
  const line = at === undefined ? undefined : json.slice(0, Number(at)).split('\n').length
  return { line, reason: `not valid JSON: ${unexpected ?? expected}` }
}

/** Message of V8 that quotes the text instead of telling the position. */
const UNEXPECTED = /^(Unexpected token .+?), .* is not valid JSON$/s

/** Returns the position of an unexpected token: the end of the shortest beginning of the text that has it. */
function findUnexpected(json: string): number {
  const isUnexpected = (length: number) => {
    try {
      JSON.parse(json.slice(0, length))
      return false
    } catch (error) {
      return UNEXPECTED.test(messageOf(error))
    }
  }
  let [from, to] = [0, json.length]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (isUnexpected(middle)) to = middle
    else from = middle + 1
  }
  return to - 1
}

function explainYaml(error: unknown): Failure {
  const { reason = messageOf(error), mark } = fieldsOf<{ reason?: string; mark?: { line?: number } }>(error)
  return {
    line: mark?.line === undefined ? undefined : mark.line + 1,
    reason: `not valid YAML: ${reason}`,
  }
}

function explainScript(error: unknown, file: string): Failure {
  const [message = '', place = ''] = messageOf(error).split(/\s*\n\s*/)
  const line = findLine(error instanceof Error ? String(error.stack) : '', file)
  const [, syntax] = /^(?:ParseError|SyntaxError): (.*)/.exec(message) ?? []
  if (syntax !== undefined) {
    // The error is in a file that the config imports, so name that file.
    const where = line === undefined && place !== '' ? ` (${place})` : ''
    return {
      line,
      reason: `not valid ${isTypeScript(file) ? 'TypeScript' : 'JavaScript'}: ${syntax}${where}`,
    }
  }
  const { code } = fieldsOf<{ code?: string }>(error)
  const isMissing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
  return {
    line,
    reason: `failed to run: ${message}${isMissing ? '; is the package installed in this project?' : ''}`,
  }
}

/** Returns the first line number that a stack trace gives for a file. */
function findLine(stack: string, file: string): number | undefined {
  const [, after] = stack.replaceAll('\\', '/').split(`${file.replaceAll('\\', '/')}:`, 2)
  const line = Number.parseInt(after ?? '', 10)
  return Number.isNaN(line) ? undefined : line
}

function isTypeScript(file: string): boolean {
  return /^\.[cm]?ts$/.test(extname(file))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Returns the fields that a library adds to its errors. Any of them may be missing. */
function fieldsOf<T extends object>(error: unknown): Partial<T> {
  return Object(error) as Partial<T> // only read; each may be undefined
}
