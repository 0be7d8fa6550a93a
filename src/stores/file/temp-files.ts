import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isRunning, thisProcess } from '../../utils/process-identity.js'
import type { SweepOptions } from '../types.js'

/** Suffix of temp files. */
export const TEMP_SUFFIX = '.imgproc-tmp'

/** The name of the target, the process that writes it, and a number. */
const TEMP_NAME = /^\..*?(?:\.([0-9a-f]{8})-(\d+)-(\w+))?\.[0-9a-f]{16}\.imgproc-tmp$/s

/** Milliseconds after which a temp file is stale whose process cannot be checked from here: a write takes seconds. */
const STALE_AFTER = 60 * 60 * 1000

/** Folders with so many files that they are no place for outputs. */
const NOT_SWEPT = new Set(['.git', 'node_modules'])

/** Distinguishes the temp files of copies of this module in one process. */
const MODULE_ID = randomBytes(4).toString('hex')
let writes = 0

/** Returns a unique temp file name in the folder of a target. It names this process, so that a kill makes it stale. */
export function tempPathFor(folder: string, target: string): string {
  // Cut off, because the target's name may already have the maximum length.
  const name = basename(target).slice(0, 32)
  const number = (++writes % 2 ** 32).toString(16).padStart(8, '0')
  const { pid, space, born = '0' } = thisProcess()
  return join(folder, `.${name}.${shortened(space)}-${pid}-${born}.${MODULE_ID}${number}${TEMP_SUFFIX}`)
}

const short = new Map<string, string>()

function shortened(space: string): string {
  const known = short.get(space) ?? createHash('sha256').update(space).digest('hex').slice(0, 8)
  short.set(space, known)
  return known
}

/** Removes temp files that killed processes left in a folder. Errors are ignored. */
export async function removeStaleTempFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => [])
  for (const name of names) await removeIfStale(folder, name)
}

/** Removes temp files that killed processes left in a folder and the folders below it. Errors are ignored. */
export async function sweep(folder: string, { shallow = false }: SweepOptions = {}): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    // Links are not followed: a write through them sweeps their target.
    if (entry.isFile()) await removeIfStale(folder, entry.name)
    else if (!shallow && entry.isDirectory() && !NOT_SWEPT.has(entry.name)) {
      await sweep(join(folder, entry.name))
    }
  }
}

async function removeIfStale(folder: string, name: string): Promise<void> {
  const match = TEMP_NAME.exec(name)
  if (match === null) return
  const path = join(folder, name)
  if (await isStale(path, match)) await rm(path, { force: true }).catch(() => {})
}

async function isStale(path: string, [, space, pid, born]: RegExpExecArray): Promise<boolean> {
  const { space: ownSpace } = thisProcess()
  if (space === shortened(ownSpace)) {
    const writer = { pid: Number(pid), space: ownSpace, ...(born !== '0' && { born }) }
    if (isRunning(writer) === false) return true
  }
  const stats = await stat(path).catch(() => undefined)
  // Either way, since a clock may have been set back.
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) >= STALE_AFTER
}
