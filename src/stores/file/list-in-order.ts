import type { Dirent, Stats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { throwIfAborted } from '../../errors.js'
import { compareRefs } from '../compare-refs.js'
import { isNotFound, toReadError } from '../errors.js'
import type { OrderedListOptions, Source } from '../types.js'
import { statFiles, toExistingSource } from './stat.js'

/**
 * Lists the files below a folder in ascending order of their paths. Reads a folder when its first file is wanted, and
 * none whose files all come before `after`. Leaves out names that begin with a dot, and links to folders.
 *
 * @param folder an absolute path.
 * @throws ACCESS_DENIED or READ_FAILED if a folder cannot be read; ABORTED.
 */
export async function* listFilesInOrder(
  folder: string,
  { after, limit = Infinity, signal }: OrderedListOptions = {},
): AsyncGenerator<Source> {
  let count = 0
  if (limit <= 0) return
  throwIfAborted(signal)
  for await (const ref of walk(folder.replace(/\/?$/, '/'), after)) {
    throwIfAborted(signal)
    const [source] = await statFiles([ref], toFile)
    if (source === undefined) continue
    yield source
    count++
    if (count >= limit) return
  }
}

/** @param folder ends in a slash. */
async function* walk(folder: string, after: string | undefined): AsyncGenerator<string> {
  for (const name of await readNames(folder)) {
    const ref = folder + name
    // All paths below a folder begin with its name and a slash.
    const isAfter = after === undefined || compareRefs(ref, after) > 0
    if (!ref.endsWith('/')) {
      if (isAfter) yield ref
    } else if (isAfter || after.startsWith(ref)) yield* walk(ref, after)
  }
}

/** Returns the names in a folder in the order of the paths below them: those of folders end in a slash. */
async function readNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown): Dirent[] => {
    // A folder that was just removed is empty.
    if (isNotFound(error)) return []
    throw toReadError(error, folder)
  })
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .toSorted(compareRefs)
}

/** Returns undefined for anything but a file, or if it no longer exists. */
function toFile(ref: string, stat: () => Stats): Source | undefined {
  try {
    const stats = stat()
    return stats.isFile() ? toExistingSource(ref, stats) : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw toReadError(error, ref)
  }
}
