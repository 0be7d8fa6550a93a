import { unlinkSync, type Stats } from 'node:fs'
import { unlink } from 'node:fs/promises'
import type { Store, Source } from '../types.js'
import { isNotFound, toReadError, toWriteError } from '../errors.js'
import { toExistingSource, statFiles } from './stat.js'
import { openLog } from './append.js'
import { toAbsolutePath } from './absolute-path.js'
import { readFile } from './read.js'
import { createLatencyMonitor } from './sync-when-fast.js'
import { sweep } from './temp-files.js'
import { writeFile } from './write.js'

export interface FileStoreOptions {
  /** The folder that relative paths and globs are relative to. */
  readonly cwd: string
}

/**
 * Creates the store of the local disk. Its refs are absolute paths with `/` on every platform. It accepts relative
 * paths, absolute paths and `file:` URLs.
 *
 * @example
 * ```ts
 * const store = createFileStore({ cwd: '/site' })
 * for await (const { ref, size } of store.list('photos/**')) console.log(ref, size)
 * ```
 */
export function createFileStore({ cwd }: FileStoreOptions): Required<Omit<Store, 'presign'>> {
  const sweptFolders = new Set<string>()
  return {
    scheme: 'file',
    async locate(pattern) {
      const { locatePattern } = await import('./glob.js')
      const { kind, ref, base } = await locatePattern(pattern, cwd)
      return { kind, ref, base }
    },
    // Globs are loaded when the first is listed: reading one image needs none.
    async *list(pattern, options) {
      const { listFiles } = await import('./list.js')
      yield* listFiles(pattern, cwd, options)
    },
    async *listInOrder(folder, options) {
      const { listFilesInOrder } = await import('./list-in-order.js')
      const { after = '' } = options ?? {}
      // A path loses the slash at its end, which counts in the order.
      const start = after === '' ? undefined : toAbsolutePath(after, cwd) + (after.endsWith('/') ? '/' : '')
      yield* listFilesInOrder(toAbsolutePath(folder, cwd), { ...options, after: start })
    },
    stat: async (ref) => {
      const [source] = await statFiles([toAbsolutePath(ref, cwd)], toFileSource)
      return source
    },
    statAll: (refs) =>
      statFiles(
        refs.map((ref) => toAbsolutePath(ref, cwd)),
        toFileSource,
      ),
    read: async (ref, options) => readFile(toAbsolutePath(ref, cwd), options),
    write: async (ref, data, meta) => writeFile(toAbsolutePath(ref, cwd), data, sweptFolders, meta),
    writeParts: async (ref, parts, meta) => writeFile(toAbsolutePath(ref, cwd), parts, sweptFolders, meta),
    remove: async (ref) => removeFile(toAbsolutePath(ref, cwd)),
    sweep: async (folder, options) => sweep(toAbsolutePath(folder, cwd), options),
    openLog: async (ref) => openLog(toAbsolutePath(ref, cwd)),
  }
}

/** Returns undefined for a folder, or if nothing exists. */
function toFileSource(ref: string, stat: () => Stats): Source | undefined {
  try {
    const stats = stat()
    return stats.isDirectory() ? undefined : toExistingSource(ref, stats)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw toReadError(error, ref)
  }
}

const removals = createLatencyMonitor(1)

async function removeFile(ref: string): Promise<void> {
  try {
    if (removals.isFast()) removals.measure(() => unlinkSync(ref))
    else await unlink(ref)
  } catch (error) {
    if (!isNotFound(error)) throw toWriteError(error, ref)
  }
}
