import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, resolve, sep } from 'node:path'
import { ImgprocError } from '../errors.js'
import { hasImageName } from '../image/file-kinds.js'
import { didYouMean } from '../utils/did-you-mean.js'

/**
 * Returns the absolute path of a source, with `/`.
 *
 * @param folders in which a relative path may begin, the likeliest first.
 * @throws ImgprocError INPUT_NOT_FOUND
 */
export async function findSource(path: string, folders: readonly string[]): Promise<string> {
  const files = folders.map((folder) => resolve(folder, path))
  for (const file of files) {
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile() === true) return file.replaceAll(sep, '/')
  }
  throw await createMissingError(files[0] ?? path, files.slice(1))
}

/** Returns the error for a source that is not there, with the name of a similar one beside it. */
export async function createMissingError(
  file: string,
  others: readonly string[] = [],
): Promise<ImgprocError> {
  const names = (await readdir(dirname(file)).catch(() => [])).filter(hasImageName)
  const places = others.length === 0 ? '' : `, nor ${others.join(', nor ')}`
  const hint = didYouMean(basename(file), names) || ' Check the path.'
  return new ImgprocError('INPUT_NOT_FOUND', `There is no file ${file}${places}.${hint}`, {
    stage: 'read',
    path: file,
  })
}
