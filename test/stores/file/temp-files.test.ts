import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFileStore } from '../../../src/stores/file/store.js'
import { makeTempFolder, type TempFolder } from '../temp-folder.js'

const MODULE = new URL('../../../dist/stores/file/temp-files.js', import.meta.url)
const TEXT = { contentType: 'text/plain' }

let folder: TempFolder

beforeEach(async () => {
  folder = await makeTempFolder()
})
afterEach(() => folder.remove())

/** Leaves temp files of another process, and returns the function that kills it. */
async function startWriter(...targets: string[]): Promise<() => Promise<void>> {
  const script = `
    import { writeFileSync } from 'node:fs'
    import { dirname } from 'node:path'
    import { tempPathFor } from '${MODULE.href}'
    for (const target of ${JSON.stringify(targets)})
      writeFileSync(tempPathFor(dirname(target), target), target)
    process.stdout.write('written')
    setInterval(() => {}, 1000)`
  const writer = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder.path })
  const ended = once(writer, 'exit')
  await once(writer.stdout, 'data')
  return async () => {
    writer.kill('SIGKILL')
    await ended
  }
}

/** Returns the beginnings of the names of all temp files. */
async function tempFiles(): Promise<string[]> {
  const names = await readdir(folder.path, { recursive: true })
  return names
    .filter((name) => name.endsWith('-tmp'))
    .map((name) => name.replace(/\.[0-9a-f]{8}-.*/, ''))
    .toSorted()
}

describe('temp files of the file store', () => {
  it('are removed by the first write into their folder once their process has been killed', async () => {
    const kill = await startWriter('a.jpg')
    await createFileStore({ cwd: folder.path }).write('b.jpg', Buffer.from('b'), TEXT)
    expect(await tempFiles()).toEqual(['.a.jpg'])
    await kill()
    await createFileStore({ cwd: folder.path }).write('b.jpg', Buffer.from('b'), TEXT)
    expect(await tempFiles()).toEqual([])
  })

  it('are removed below a folder by a sweep, except in folders of other tools', async () => {
    await folder.fill('deep/er/x.jpg', 'node_modules/x.js')
    const store = createFileStore({ cwd: folder.path })
    const kill = await startWriter('a.jpg', 'deep/er/b.jpg', 'node_modules/c.jpg')
    const all = ['.a.jpg', 'deep/er/.b.jpg', 'node_modules/.c.jpg']
    await store.sweep('.')
    expect(await tempFiles()).toEqual(all)
    await kill()
    await store.sweep('.', { shallow: true })
    expect(await tempFiles()).toEqual(all.slice(1))
    await store.sweep('.')
    expect(await tempFiles()).toEqual(['node_modules/.c.jpg'])
    await store.sweep('missing')
  })
})
