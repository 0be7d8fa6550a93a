import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Folders whose files become part of dist. */
const SOURCES = ['src', 'report', 'demo']

/** Builds dist if its sources are newer: the tests of the command run the built files. Vitest's globalSetup. */
export async function setup(): Promise<void> {
  const built = await stat(join(ROOT, 'dist/bundle/command.cjs')).catch(() => undefined)
  const times = await Promise.all(SOURCES.map((folder) => newest(join(ROOT, folder))))
  if (built !== undefined && built.mtimeMs > Math.max(...times)) return
  await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT, shell: process.platform === 'win32' })
}

/** Returns the latest mtime of all files in a folder, in milliseconds. */
async function newest(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const times = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).mtimeMs))
  return Math.max(...times)
}
