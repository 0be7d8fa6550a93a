import { randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** The end of the name of a file that is being written. */
export const TEMP_SUFFIX = '.imgproc-tmp'

const TEMP_NAME = /^\..*\.[0-9a-f]{16}\.imgproc-tmp$/s

/** Milliseconds after which a temporary file is nobody's: a write takes seconds at most. */
const LEFTOVER_AGE = 60 * 60 * 1000

/** Of this process. */
const OWN = randomBytes(4).toString('hex')
let writes = 0

/** A name beside a target that no other write uses. */
export function tempBeside(folder: string, target: string): string {
  // Cut short: a target's name may already be as long as the disk allows.
  const name = basename(target).slice(0, 32)
  const number = (++writes % 2 ** 32).toString(16).padStart(8, '0')
  return join(folder, `.${name}.${OWN}${number}${TEMP_SUFFIX}`)
}

/** Removes what killed runs left in a folder. Best effort: that it fails is no reason not to write. */
export async function sweepLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => [])
  const leftovers = names.filter((name) => TEMP_NAME.test(name)).map((name) => join(folder, name))
  for (const path of leftovers) {
    const stats = await stat(path).catch(() => undefined)
    if (stats === undefined || Date.now() - stats.mtimeMs < LEFTOVER_AGE) continue
    await rm(path, { force: true }).catch(() => {})
  }
}
