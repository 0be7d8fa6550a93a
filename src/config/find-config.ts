import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import type { cosmiconfig } from 'cosmiconfig'
import { ImgprocError } from '../errors.js'
import { createReaders, type ReadConfig } from './config-readers.js'
import { createConfigError } from './errors.js'

/** A config file and its content. An empty file has an empty object as content. */
export interface ConfigFile {
  /** Absolute path. */
  readonly file: string
  /** Name in error messages. */
  readonly label: string
  readonly content: unknown
}

const EXTENSIONS = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts', 'json', 'yaml', 'yml']

/** Names of config files, in the order of the search in each folder. */
export const CONFIG_FILES: readonly string[] = [
  ...EXTENSIONS.map((extension) => `imgproc.config.${extension}`),
  '.imgprocrc',
  '.imgprocrc.json',
  '.imgprocrc.yaml',
  '.imgprocrc.yml',
  'package.json',
]

type Explorer = ReturnType<typeof cosmiconfig>

/** Errors of the file system and of cosmiconfig. */
type FileError = Partial<NodeJS.ErrnoException> & { readonly filepath?: string }

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder; name the config file inside',
  EACCES: "can't be read: permission denied",
}

/** Returns the named config file, or the nearest from `cwd` upward; undefined without one. Throws INVALID_CONFIG. */
export async function findConfigFile(cwd: string, named?: string): Promise<ConfigFile | undefined> {
  const nameFile = (file: string): string => relativeName(cwd, file)
  const path = named === undefined ? undefined : resolve(cwd, named)
  try {
    const open = () => createExplorer(nameFile)
    const found = path === undefined ? await searchUp(resolve(cwd), open) : await (await open()).load(path)
    if (found === null && path !== undefined)
      throw createConfigError(`${nameFile(path)} has no key "imgproc"`, path)
    if (found === null) return undefined
    const label = isPackageFile(found.filepath)
      ? `${nameFile(found.filepath)}#imgproc`
      : nameFile(found.filepath)
    return { file: found.filepath, label, content: found.isEmpty ? {} : found.config.content }
  } catch (error) {
    if (error instanceof ImgprocError) throw error
    const { code = '', filepath = path ?? cwd, message = '' } = Object(error) as FileError // only read
    // cosmiconfig appends the file and parts of its content to the message.
    const reason = REASONS[code] ?? `can't be read: ${message.split(/ in |\n/)[0]}`
    throw createConfigError(`${nameFile(filepath)}: ${reason}`, filepath, error)
  }
}

async function createExplorer(nameFile: (file: string) => string): Promise<Explorer> {
  const { cosmiconfig, defaultLoaders } = await import('cosmiconfig')
  const readers = createReaders(defaultLoaders['.yaml'], nameFile)
  return cosmiconfig('imgproc', {
    searchPlaces: [...CONFIG_FILES],
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: {
      ...Object.fromEntries(
        Object.entries(readers).map(([extension, read]) => [extension, wrapContent(read)]),
      ),
      default(file) {
        throw createConfigError(
          `${nameFile(file)}: unknown extension; expected one of ${EXTENSIONS.map((name) => `.${name}`).join(', ')}`,
          file,
        )
      },
    },
  })
}

/** Wraps the content in an object. Otherwise cosmiconfig follows a key `$import`, and treats null as a missing file. */
function wrapContent(read: ReadConfig): ReadConfig {
  return async (file, text) => {
    const content = await read(file, text)
    if (!isPackageFile(file)) return { content: content ?? {} }
    const isOurs = typeof content === 'object' && content !== null && 'imgproc' in content
    return isOurs ? { imgproc: { content: content.imgproc ?? {} } } : {}
  }
}

/** Searches upward. cosmiconfig's own search also reads global settings, which have no folder for relative paths. */
async function searchUp(folder: string, open: () => Promise<Explorer>): ReturnType<Explorer['search']> {
  // Load cosmiconfig only if needed: it takes a twelfth of the time of one image.
  const found = CONFIG_FILES.some((name) => mayHoldConfig(join(folder, name)))
    ? await (await open()).search(folder)
    : null
  const parent = dirname(folder)
  return found !== null || parent === folder ? found : searchUp(parent, open)
}

/** Returns true if a file exists and may hold a config, or cannot be read. */
function mayHoldConfig(file: string): boolean {
  try {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return false
    return !isPackageFile(file) || hasConfigKey(readFileSync(file, 'utf8'))
  } catch {
    return true
  }
}

/** Returns true for a package.json with a config, not for one that names imgproc as a dependency or in a script. */
function hasConfigKey(text: string): boolean {
  return text.includes('"imgproc"') && Object.hasOwn(Object(JSON.parse(text)), 'imgproc')
}

/** Returns true for the files that cosmiconfig treats as package.json. */
function isPackageFile(file: string): boolean {
  return basename(file, extname(file)) === 'package'
}

/** Returns a path relative to a folder; absolute if it is outside. */
function relativeName(folder: string, file: string): string {
  const path = relative(folder, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path
}
