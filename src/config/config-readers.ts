import { extname } from 'node:path'
import { types } from 'node:util'
import { createConfigError } from './errors.js'

/** Reads a config file's content; throws INVALID_CONFIG with the line, where it is known. */
export type ReadConfig = (file: string, text: string) => unknown

/** The reader for each file extension; `noExt` reads `.imgprocrc`. `nameFile` gives the name of a file in messages. */
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
      return fail(file, { reason: 'has no default export, write "export default { … }"' })
    if (typeof content !== 'function') return content
    return fail(file, { reason: 'exports a function; export the object that it returns' })
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

/** Scripts that Node has read: it would give the same again, whatever has become of the file. */
const loadedByNode = new Set<string>()

async function runScript(file: string, text: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const jiti = createJiti(file, {
    // Nothing is written beside the user's files, and a file that has changed is read anew.
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    // JavaScript is Node's own business; what Node refuses, jiti reads once more and knows the line.
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
    // CommonJS that a compiler made of ESM keeps its default one step deeper.
    return isCompiled(inner) ? inner.default : inner
  }
  // Without a default it is what `module.exports` was set to, or a module that exports only names.
  return isCompiled(module) || types.isModuleNamespaceObject(module) ? undefined : module
}

function isCompiled(value: unknown): value is { readonly default?: unknown } {
  return typeof value === 'object' && value !== null && '__esModule' in value
}

function parseJson(_file: string, text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/, ''))
}

function explainJson(error: unknown, _file: string, text: string): Failure {
  const [, reason = messageOf(error), position] =
    /^(.*) in JSON at position (\d+)/.exec(messageOf(error)) ?? []
  const line = position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length
  return { line, reason: `not valid JSON: ${reason}` }
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
    // A place in another file, one that the config imports, has to be told.
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
    reason: `failed when it was run: ${message}${isMissing ? '; is it installed where this file is?' : ''}`,
  }
}

/** The first line of the file that a stack trace names. */
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

/** Fields that libraries put on their errors, none of which is certain to be there. */
function fieldsOf<T extends object>(error: unknown): Partial<T> {
  return Object(error) as Partial<T> // read only, and every use allows for undefined
}
