import { randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Suffix of temp files. */
export const TEMP_SUFFIX = '.imgproc-tmp'

const TEMP_NAME = /^\..*\.[0-9a-f]{16}\.imgproc-tmp$/s

/** Milliseconds after which a temp file is stale: a write takes seconds. */
const STALE_AFTER = 60 * 60 * 1000

/** Distinguishes the temp files of this process. */
const PROCESS_ID = randomBytes(4).toString('hex')
let writes = 0

/** Returns a unique temp file name in the folder of a target. */
export function tempPathFor(folder: string, target: string): string {
  // Cut off, because the target's name may already have the maximum length.
  const name = basename(target).slice(0, 32)
  const number = (++writes % 2 ** 32).toString(16).padStart(8, '0')
  return join(folder, `.${name}.${PROCESS_ID}${number}${TEMP_SUFFIX}`)
}

/** Removes temp files that killed processes left in a folder. Errors are ignored. */
export async function removeStaleTempFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => [])
  const tempFiles = names.filter((name) => TEMP_NAME.test(name)).map((name) => join(folder, name))
  for (const path of tempFiles) {
    const stats = await stat(path).catch(() => undefined)
    if (stats === undefined || Date.now() - stats.mtimeMs < STALE_AFTER) continue
    await rm(path, { force: true }).catch(() => {})
  }
}
