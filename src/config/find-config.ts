import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import type { cosmiconfig } from 'cosmiconfig'
import { ImgprocError } from '../errors.js'
import { createReaders, type ReadConfig } from './config-readers.js'
import { createConfigError } from './errors.js'

/** A config file as it was found; an empty one has an empty object as content. */
export interface ConfigFile {
  /** Absolute path. */
  readonly file: string
  /** What messages call it. */
  readonly label: string
  readonly content: unknown
}

const EXTENSIONS = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts', 'json', 'yaml', 'yml']

/** The names that a config file may have, in the order they are looked for in each folder. */
export const CONFIG_FILES: readonly string[] = [
  ...EXTENSIONS.map((extension) => `imgproc.config.${extension}`),
  '.imgprocrc',
  '.imgprocrc.json',
  '.imgprocrc.yaml',
  '.imgprocrc.yml',
  'package.json',
]

type Explorer = ReturnType<typeof cosmiconfig>

/** What the file system throws, and cosmiconfig. */
type FileError = Partial<NodeJS.ErrnoException> & { readonly filepath?: string }

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a folder; name the config file in it',
  EACCES: "can't be read: permission denied",
}

/** The named config file, or the nearest from `cwd` up to the root of the disk. Throws INVALID_CONFIG. */
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
    const { code = '', filepath = path ?? cwd, message = '' } = Object(error) as FileError // read only
    // cosmiconfig puts the file, and pieces of it, behind the first words.
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
          `${nameFile(file)}: a config file ends in ${EXTENSIONS.map((name) => `.${name}`).join(', ')}`,
          file,
        )
      },
    },
  })
}

/** Hides the content in a box from cosmiconfig, which would follow a key `$import` in it and take null for no file. */
function wrapContent(read: ReadConfig): ReadConfig {
  return async (file, text) => {
    const content = await read(file, text)
    if (!isPackageFile(file)) return { content: content ?? {} }
    const isOurs = typeof content === 'object' && content !== null && 'imgproc' in content
    return isOurs ? { imgproc: { content: content.imgproc ?? {} } } : {}
  }
}

/** Folder by folder: cosmiconfig's own way up ends in the user's global settings, whose relative paths mean nothing. */
async function searchUp(folder: string, open: () => Promise<Explorer>): ReturnType<Explorer['search']> {
  // To load cosmiconfig takes a twelfth of the time that one image does.
  const found = CONFIG_FILES.some((name) => mayHoldConfig(join(folder, name)))
    ? await (await open()).search(folder)
    : null
  const parent = dirname(folder)
  return found !== null || parent === folder ? found : searchUp(parent, open)
}

/** Whether something is there that cosmiconfig may take for ours, or complain of. */
function mayHoldConfig(file: string): boolean {
  try {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return false
    return !isPackageFile(file) || readFileSync(file, 'utf8').includes('imgproc')
  } catch {
    return true
  }
}

/** As cosmiconfig has it. */
function isPackageFile(file: string): boolean {
  return basename(file, extname(file)) === 'package'
}

/** A path as a user in that folder would write it. */
function relativeName(folder: string, file: string): string {
  const path = relative(folder, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path
}
