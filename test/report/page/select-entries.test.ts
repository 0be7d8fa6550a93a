import { describe, expect, it } from 'vitest'
import { savingOf, selectEntries, type Choice } from '../../../report/select-entries.js'
import type { ReportEntry, ReportOutput } from '../../../src/report/page/types.js'

const output = (preset: string, format: string, bytes: number): ReportOutput => ({
  preset,
  format,
  bytes,
  path: '',
})
const entry = (path: string, status: ReportEntry['status'], bytes: number, ...outputs: ReportOutput[]) => ({
  path,
  status,
  bytes,
  outputs,
})

const ENTRIES = [
  entry('a.jpg', 'ready', 100, output('web', 'webp', 90), output('thumb', 'jpeg', 5)),
  entry('b.jpg', 'failed', 300),
  entry('C.png', 'partial', 200, output('web', 'webp', 20)),
  entry('d.gif', 'skipped', 50),
  entry('e.jpg', 'ready', 400, output('web', 'avif', 500)),
]
const ALL: Choice = { name: '', preset: '', format: '', status: '', sort: 'name' }

function paths(choice: Partial<Choice>): string[] {
  return selectEntries(ENTRIES, { ...ALL, ...choice }).map((shown) => shown.entry.path)
}

describe('selectEntries', () => {
  it.each([
    [{}, ['a.jpg', 'b.jpg', 'C.png', 'd.gif', 'e.jpg']],
    [{ sort: 'failures' }, ['b.jpg', 'C.png', 'a.jpg', 'd.gif', 'e.jpg']],
    [{ sort: 'saving' }, ['C.png', 'a.jpg', 'b.jpg', 'd.gif', 'e.jpg']],
    [{ sort: 'growth' }, ['e.jpg', 'b.jpg', 'd.gif', 'a.jpg', 'C.png']],
    [{ sort: 'size' }, ['e.jpg', 'b.jpg', 'C.png', 'a.jpg', 'd.gif']],
    [{ status: 'failed' }, ['b.jpg', 'C.png']],
    [{ status: 'ready' }, ['a.jpg', 'e.jpg']],
    [{ status: 'skipped' }, ['d.gif']],
    [{ preset: 'web' }, ['a.jpg', 'C.png', 'e.jpg']],
    [{ format: 'avif' }, ['e.jpg']],
    [{ preset: 'thumb', format: 'avif' }, []],
    [{ name: ' c.PNG' }, ['C.png']],
  ])('selects and sorts by %j', (choice, expected) => {
    expect(paths(choice)).toEqual(expected)
  })

  it('counts the saving of the outputs that are shown', () => {
    const [shown] = selectEntries(ENTRIES, { ...ALL, preset: 'thumb' })
    expect(shown && savingOf(shown)).toBe(95)
  })
})
