import type { Stats } from 'node:fs'
import { unlink } from 'node:fs/promises'
import type { Store, Source } from '../types.js'
import { isAbsent, toReadError, toWriteError } from '../errors.js'
import { listFiles, toSource } from './list.js'
import { openLog } from './append.js'
import { locate, toRef } from './glob.js'
import { readFile } from './read.js'
import { statFiles } from './stat.js'
import { writeFile } from './write.js'

export interface FileStoreOptions {
  /** The folder that relative paths and globs begin in. */
  readonly cwd: string
}

/**
 * The store of the local disk. Its refs are absolute paths with `/` on every platform; it takes relative ones,
 * absolute ones and `file:` URLs.
 *
 * @example
 * ```ts
 * const store = createFileStore({ cwd: '/site' })
 * for await (const { ref, size } of store.list('photos/**')) console.log(ref, size)
 * ```
 */
export function createFileStore({ cwd }: FileStoreOptions): Required<Store> {
  const swept = new Set<string>()
  return {
    scheme: 'file',
    async locate(pattern) {
      const { kind, ref, base } = await locate(pattern, cwd)
      return { kind, ref, base }
    },
    list: (pattern, options) => listFiles(pattern, cwd, options),
    stat: async (ref) => {
      const [source] = await statFiles([toRef(ref, cwd)], ask)
      return source
    },
    statAll: (refs) =>
      statFiles(
        refs.map((ref) => toRef(ref, cwd)),
        ask,
      ),
    read: async (ref, options) => readFile(toRef(ref, cwd), options),
    write: async (ref, data, meta) => writeFile(toRef(ref, cwd), data, swept, meta),
    remove: async (ref) => removeFile(toRef(ref, cwd)),
    openLog: async (ref) => openLog(toRef(ref, cwd)),
  }
}

function ask(ref: string, stat: () => Stats): Source | undefined {
  try {
    const stats = stat()
    return stats.isDirectory() ? undefined : toSource(ref, stats)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw toReadError(error, ref)
  }
}

async function removeFile(ref: string): Promise<void> {
  try {
    await unlink(ref)
  } catch (error) {
    if (!isAbsent(error)) throw toWriteError(error, ref)
  }
}
