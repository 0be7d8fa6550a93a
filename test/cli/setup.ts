import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Vitest's globalSetup: the command's tests run what users run, so dist has to be that of today's src. */
export async function setup(): Promise<void> {
  const built = await stat(join(ROOT, 'dist/bundle/main.js')).catch(() => undefined)
  if (built !== undefined && built.mtimeMs > (await newest(join(ROOT, 'src')))) return
  await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT, shell: process.platform === 'win32' })
}

/** When something in a folder was last changed, in milliseconds. */
async function newest(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const times = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).mtimeMs))
  return Math.max(...times)
}
