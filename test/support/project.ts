import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url))

/** A folder as a user has it. */
export interface Project {
  /** Absolute, with `/`. */
  readonly path: string
  at(name: string): string
  /** Copies a file of fixtures/, once for each name. */
  copy(fixture: string, ...names: string[]): Promise<void>
  /** Writes files that hold their own names. */
  touch(...names: string[]): Promise<void>
  write(name: string, content: string | Uint8Array): Promise<void>
  /** All files below a folder but those of the tool's own, relative to it, sorted; none where there is no folder. */
  files(folder?: string): Promise<string[]>
}

/** A project of a test's own, removed when the test is over. */
export async function makeProject(): Promise<Project> {
  const project = await openProject()
  onTestFinished(() => rm(project.path, { recursive: true, force: true }))
  return project
}

/** A project for several tests; whoever opens it removes it. */
export async function openProject(): Promise<Project> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'imgproc project ')))
  const place = async (name: string) => {
    await mkdir(dirname(join(path, name)), { recursive: true })
    return join(path, name)
  }
  const write = async (name: string, content: string | Uint8Array) => writeFile(await place(name), content)
  return {
    path,
    at: (name) => join(path, name),
    async copy(fixture, ...names) {
      for (const name of names) await copyFile(join(FIXTURES, fixture), await place(name))
    },
    async touch(...names) {
      for (const name of names) await write(name, name)
    },
    write,
    async files(folder = '.') {
      const entries = await readdir(join(path, folder), { recursive: true, withFileTypes: true }).catch(
        () => [],
      )
      const files = entries.filter((entry) => !entry.isDirectory())
      return files
        .map((entry) => join(entry.parentPath, entry.name).slice(join(path, folder).length + 1))
        .filter((name) => !name.split(sep).includes('.imgproc'))
        .toSorted()
    },
  }
}
