import { stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, makeFolderSync } from '../../../src/stores/file/make-folder.js'
import { makeTempFolder, type TempFolder } from '../temp-folder.js'

let folder: TempFolder

beforeEach(async () => {
  folder = await makeTempFolder()
})
afterEach(() => folder.remove())

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (path: string) => makeFolderSync(path)],
])('%s', (_, make) => {
  it('creates a folder and those above it, at the same time as others do', async () => {
    const deep = join(folder.path, 'a/b/c/d')
    await Promise.all(Array.from({ length: 20 }, () => make(deep)))
    expect((await stat(deep)).isDirectory()).toBe(true)
    await make(deep)
  })

  it('accepts a link to a folder', async () => {
    await symlink(folder.path, join(folder.path, 'link'))
    await make(join(folder.path, 'link'))
    await make(join(folder.path, 'link/below'))
    expect((await stat(join(folder.path, 'below'))).isDirectory()).toBe(true)
  })

  it('rejects below a file', async () => {
    await folder.fill('file')
    await expect(make(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(make(join(folder.path, 'file/a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  it.runIf(process.platform === 'linux')('rejects in a file system that has no new folders', async () => {
    await expect(make('/proc/imgproc/a')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
