import { describe, expect, it } from 'vitest'
import { formatLine, parseLines } from '../../src/state/journal-records.js'
import { bytesOf } from '../../src/utils/spool/bytes.js'
import { withDefaults } from '../../src/image/limits.js'
import { failure, result, skipped, written } from '../manifest/results.js'

const made = result('a.png', [written('thumb', 'a.webp')], { presets: ['thumb', 'web', 'thumb'] })

function parse(text: string | Buffer) {
  return [...parseLines(bytesOf(Buffer.from(text)), '/out')]
}

describe('a line of the journal', () => {
  it('has what the manifest and the source index need, and nothing else', () => {
    const { job } = made
    const line = formatLine({ ...made, job: { ...job, settled: [skipped('hero', 'small')] } })
    expect(line.startsWith('\n')).toBe(true)
    expect(JSON.parse(line)).toEqual({
      id: job.id,
      path: 'a.png',
      seen: { size: 9 },
      presets: ['thumb', 'web', 'hero'],
      status: 'ready',
      source: made.source,
      outputs: made.outputs,
    })
  })

  it('has the conditions of a failure', () => {
    const failed = failure('a.png', ['thumb'])
    const { limits, failOn } = failed.job
    expect(JSON.parse(formatLine(failed))).toMatchObject({
      error: failed.error,
      conditions: { limits, failOn },
    })
  })

  it('is read back as a result without operations', () => {
    const source = { ref: '', size: 9 }
    const rendition = { target: '', ops: [], recipe: '' }
    expect(parse(formatLine(made))).toStrictEqual([
      {
        status: 'ready',
        source: made.source,
        outputs: made.outputs,
        ms: 0,
        job: {
          id: made.job.id,
          path: 'a.png',
          source,
          renditions: [
            { preset: 'thumb', ...rendition },
            { preset: 'web', ...rendition },
          ],
          out: '/out',
          analyze: [],
          limits: withDefaults(),
          failOn: 'error',
        },
      },
    ])
  })
})

describe('the lines of a journal', () => {
  const line = formatLine(made)

  it('are read with and without line breaks around them', () => {
    for (const text of [line, line.trim(), `${line}\n`, `\n${line}\n\n`]) expect(parse(text)).toHaveLength(1)
    expect(parse(line + line + line)).toHaveLength(3)
    expect(parse('')).toEqual([])
    expect(parse('\n\n')).toEqual([])
  })

  it('are read between lines that are truncated', () => {
    expect(parse(line.slice(0, -9) + line + line.slice(0, 30))).toHaveLength(1)
  })

  it.each<[string, object]>([
    ['an id', { id: undefined }],
    ['a path', { path: 5 }],
    ['a source', { seen: {} }],
    ['presets', { presets: [1] }],
    ['a status', { status: 'done' }],
    ['outputs', { outputs: {} }],
    ['an action', { outputs: [{ preset: 'thumb', path: 'a' }] }],
    ['the preset of an output', { outputs: [{ action: 'written', path: 'a' }] }],
    ['the path of an output', { outputs: [{ action: 'written', preset: 'thumb' }] }],
  ])('are skipped without %s', (_, change) => {
    const record: object = JSON.parse(line) as object
    expect(parse(JSON.stringify({ ...record, ...change }))).toEqual([])
    expect(parse(JSON.stringify({ ...record, more: 1 }))).toHaveLength(1)
  })
})
