import { describe, expect, it } from 'vitest'
import type { Job, Result } from '../../src/jobs/types.js'
import { createResultList } from '../../src/jobs/result-list.js'

const job = (path: string): Job => ({
  id: path,
  path,
  source: { ref: path, size: 1 },
  renditions: [],
  out: 'out',
  analyze: [],
  limits: { pixels: 1, frames: 1, bytes: 1, seconds: 1 },
  failOn: 'error',
})

const failed = (path: string, message: string): Result => ({
  job: job(path),
  status: 'failed',
  outputs: [],
  error: { code: 'CORRUPT_IMAGE', stage: 'decode', message, retryable: false },
  ms: 1,
})

describe('a list of results', () => {
  it('returns results as they were added, each time it is iterated', () => {
    const list = createResultList()
    const results = [failed('a\n.jpg', 'Line 1\nLine 2'), failed('ü.jpg', 'Größe 😀'), failed('c.jpg', '')]
    for (const result of results) list.add(result)
    expect([...list]).toEqual(results)
    expect([...list]).toEqual(results)
    expect([...list][0]!.job).toBe(results[0]!.job)
  })

  it('returns results that fill several blocks, and one that is larger than a block', () => {
    const list = createResultList()
    const results = [1000, 700_000, 700_000, 3_000_000, 10].map((size) => failed(`${size}`, 'x'.repeat(size)))
    for (const result of results) list.add(result)
    expect([...list].map(({ error }) => error?.message.length)).toEqual([
      1000, 700_000, 700_000, 3_000_000, 10,
    ])
  })

  it('is empty at first', () => {
    expect([...createResultList()]).toEqual([])
  })
})
