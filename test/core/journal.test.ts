import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { addToJournal, endJournal, readJournal } from '../../src/core/journal.js'
import { createFileStore } from '../../src/stores/file.js'
import { makeProject } from '../support/project.js'
import { result, written } from './results.js'

describe('the journal', () => {
  it('gives back what was added, passes over a line that was torn off, and loses none behind it', async () => {
    const project = await makeProject()
    const store = createFileStore({ cwd: project.path })
    const out = project.at('out')
    const made = ['a.jpg', 'b.jpg', 'c.jpg'].map((path) => {
      const one = result(path, [written('thumb', `${path}.webp`)])
      return { ...one, job: { ...one.job, out } }
    })
    for (const one of made.slice(0, 2)) await addToJournal(store, one)
    const file = project.at('out/.imgproc/journal.ndjson')
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -20))
    await addToJournal(store, made[2]!)
    expect((await readJournal(store, out)).map(({ job, outputs }) => [job.path, outputs])).toEqual([
      ['a.jpg', made[0]!.outputs],
      ['c.jpg', made[2]!.outputs],
    ])
    await endJournal(store, out)
    expect(await readJournal(store, out)).toEqual([])
  })
})
