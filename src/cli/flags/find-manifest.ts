import { existsSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Config } from '../../config/schema.js'
import { loadConfig } from '../../config/load-config.js'
import { ImgprocError } from '../../errors.js'
import { isRemote, resolveLocation } from '../../paths/location.js'

const NAME = 'manifest.json'
const MANIFEST = /\.(?:nd)?json$/i

/** Output folders of `run` and `thumbs`. */
export const DEFAULT_FOLDERS: readonly string[] = ['out', 'thumbs']

/** A manifest's location, and the folder that the paths of its sources are relative to. */
export interface FoundManifest {
  /** Absolute path or URL. */
  readonly file: string
  /** Folder of the config file, or the working directory without one. */
  readonly root: string
  readonly config: Config
}

/**
 * Finds a manifest: the named file, that of the named folder, or else that of the config or of the default output folders.
 *
 * @throws ImgprocError INPUT_NOT_FOUND if there is none, INVALID_USAGE if there are several.
 */
export async function findManifest(
  typed: string | undefined,
  configFile: string | undefined,
  cwd: string,
): Promise<FoundManifest> {
  const { config, root } = await loadConfig({ cwd, file: configFile })
  if (typed !== undefined) return { file: fileOf(typed, cwd), root, config }
  const { out, manifest } = config
  if (typeof manifest === 'string') return { file: fileOf(manifest, root), root, config }
  if (out !== undefined && isRemote(out)) return { file: fileOf(out, root), root, config }
  const folders = out === undefined ? DEFAULT_FOLDERS.map((name) => resolve(cwd, name)) : [fileOf(out, root)]
  const files = folders.map((folder) => (folder.endsWith(NAME) ? folder : join(folder, NAME)))
  const [file, ...others] = files.filter((path) => existsSync(path))
  if (file !== undefined && others.length === 0) return { file, root, config }
  const names = (paths: readonly string[]) => paths.map((path) => relative(cwd, path)).join(', ')
  if (file === undefined)
    throw new ImgprocError(
      'INPUT_NOT_FOUND',
      `There is no manifest at ${names(files)}. Make pictures first, such as by imgproc thumbs photos, or name a manifest.`,
      { stage: 'usage' },
    )
  throw createUsageError(`There are several manifests: ${names([file, ...others])}. Name one.`)
}

/** Splits words into the manifest, if the first one is one, and the others. */
export function splitManifest(
  words: readonly string[],
  cwd: string,
): [string | undefined, readonly string[]] {
  const [first, ...others] = words
  if (first === undefined) return [undefined, []]
  const isFolder = isRemote(first) ? first.endsWith('/') : existsSync(resolve(cwd, first, NAME))
  const isManifest = MANIFEST.test(first) || isFolder
  return isManifest ? [first, others] : [undefined, words]
}

function fileOf(text: string, folder: string): string {
  if (isRemote(text)) return MANIFEST.test(text) ? text : `${resolveLocation(text, folder)}/${NAME}`
  const path = resolve(folder, text)
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, NAME) : path
}

function createUsageError(message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
