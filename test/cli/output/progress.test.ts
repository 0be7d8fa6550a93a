import { describe, expect, it } from 'vitest'
import { describeProgress } from '../../../src/cli/output/progress-bar.js'
import { createProgressCounter, formatRate, formatSeconds } from '../../../src/cli/output/progress-counter.js'
import type { Job, Rendition, Result } from '../../../src/jobs/types.js'
import { withDefaults } from '../../../src/image/limits.js'

function makeJob(path: string, count: number): Job {
  const rendition: Rendition = { preset: 'p', target: path, ops: [], recipe: path }
  return {
    id: path,
    path,
    source: { ref: `/${path}`, size: 1 },
    out: '/out',
    renditions: Array.from({ length: count }, () => rendition),
    analyze: [],
    limits: withDefaults(),
    failOn: 'error',
  }
}

const resultOf = (job: Job, status: Result['status'] = 'ready'): Result => ({
  job,
  status,
  outputs: [],
  ms: 1,
})

describe('progress', () => {
  it('counts renditions, and names the source that is in work for longest', () => {
    const [a, b] = [makeJob('a.heic', 15), makeJob('b.jpg', 5)]
    const counter = createProgressCounter()
    counter.start([a, b, makeJob('unchanged.jpg', 0)])
    expect(counter.count()).toMatchObject({ done: 0, total: 20, images: 0, allImages: 2, current: undefined })
    for (const job of [a, b]) counter.note({ kind: 'started', job })
    for (let n = 0; n < 3; n++) counter.note({ kind: 'rendition', job: a })
    counter.add(resultOf(b, 'partial'))
    expect(counter.count()).toMatchObject({ done: 8, images: 1, failed: 1, current: 'a.heic' })
    // All renditions are encoded, but not all are written.
    for (let n = 0; n < 20; n++) counter.note({ kind: 'rendition', job: a })
    expect(counter.count().done).toBe(19)
    counter.add(resultOf(a))
    expect(counter.count()).toMatchObject({ done: 20, images: 2, current: undefined })
  })

  it('is described with a rate and an ETA only once there are data for them', () => {
    const [a, b] = [makeJob('a.heic', 15), makeJob('b.jpg', 5)]
    const counter = createProgressCounter()
    counter.start([a, b])
    counter.note({ kind: 'started', job: a })
    expect(describeProgress(counter.count(), 7)).toBe('0/20 renditions, 0/2 images, 7 s, in work: a.heic')
    counter.note({ kind: 'rendition', job: a })
    expect(describeProgress(counter.count(), 7)).toBe(
      '1/20 renditions, 0/2 images, 7 s, ETA 2 min 13 s, in work: a.heic',
    )
    counter.add(resultOf(b))
    expect(describeProgress(counter.count(), 12)).toBe(
      '6/20 renditions, 1/2 images, 12 s, 12.0 s/img, ETA 28 s, in work: a.heic',
    )
  })

  it('has a rate in images per second, or in seconds per image below one', () => {
    expect([formatRate(0, 5), formatRate(10, 21), formatRate(30, 20), formatRate(900, 3)]).toEqual([
      '',
      '2.1 s/img',
      '1.5 img/s',
      '300 img/s',
    ])
    expect([formatSeconds(9.6), formatSeconds(125)]).toEqual(['10 s', '2 min 5 s'])
  })
})
