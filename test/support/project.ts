import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url))

/** A temporary folder in the place of a user's project. */
export interface Project {
  /** The absolute path of the folder. */
  readonly path: string
  /** Returns the absolute path of a file in the folder. */
  at(name: string): string
  /** Copies a file of fixtures/ to each of the names. */
  copy(fixture: string, ...names: string[]): Promise<void>
  /** Writes files whose content is their name. */
  touch(...names: string[]): Promise<void>
  write(name: string, content: string | Uint8Array): Promise<void>
  /** Lists the files below a folder, relative to it and sorted, without `.imgproc/`. Empty if there is no such folder. */
  files(folder?: string): Promise<string[]>
}

/** Creates a project that is removed when the test ends. */
export async function makeProject(): Promise<Project> {
  const project = await openProject()
  // A server may still write a result into it.
  onTestFinished(() => rm(project.path, { recursive: true, force: true, maxRetries: 5 }))
  return project
}

/** Creates a project that several tests share. The caller removes it. */
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
