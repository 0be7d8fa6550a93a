import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A temporary folder of one test. */
export interface TempFolder {
  readonly path: string
  /** Writes files that contain their own names. */
  fill(...names: string[]): Promise<void>
  /** Creates a symbolic link; the target is relative to the link's folder. */
  link(target: string, name: string): Promise<void>
  remove(): Promise<void>
}

export async function makeTempFolder(): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'imgproc-store-')))
  const place = async (name: string): Promise<string> => {
    await mkdir(dirname(join(path, name)), { recursive: true })
    return join(path, name)
  }
  return {
    path,
    async fill(...names) {
      for (const name of names) await writeFile(await place(name), name)
    },
    async link(target, name) {
      await symlink(target, await place(name))
    },
    remove: () => rm(path, { recursive: true, force: true }),
  }
}
