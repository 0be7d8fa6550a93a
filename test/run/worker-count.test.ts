import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import type { Job, Rendition } from '../../src/jobs/types.js'
import { countWorkers } from '../../src/run/worker-count.js'
import { result } from '../manifest/results.js'

const cores = availableParallelism()
const PLENTY = { memory: 1e12 }

function jobs(count: number, size: number, type = 'jpg'): Job[] {
  return Array.from({ length: count }, (_, at) => {
    const { job } = result(`${at}.${type}`, [])
    return { ...job, source: { ...job.source, size } }
  })
}

describe('the number of worker processes', () => {
  it('is one per core for many small images, and 0 for few or large ones', () => {
    const many = Math.max(Math.ceil(1200 / cores), 500)
    const small = jobs(many, 60_000, 'png')
    expect(countWorkers(small, PLENTY) > 0).toBe(cores > 1)
    expect(countWorkers(small, { ...PLENTY, workers: 0 })).toBe(0)
    expect(countWorkers(jobs(Math.floor(1100 / cores), 60_000, 'png'), PLENTY)).toBe(0)
    expect(countWorkers(jobs(many, 2_000_000), PLENTY)).toBe(0)
    expect(countWorkers([...small, ...jobs(many + 100, 2_000_000)], PLENTY)).toBe(0)
  })

  it('counts photos as small if their embedded preview may be used', () => {
    const photos = jobs(Math.max(Math.ceil(1200 / cores), 500), 2_000_000)
    const make = (ops: Rendition['ops']) =>
      photos.map((job) => ({ ...job, renditions: [{ preset: 'p', target: 'a', recipe: 'r', ops }] }))
    const thumbs = [{ thumbnail: 100 }]
    const previews = [...thumbs, { preview: 'embedded' as const }]
    expect(countWorkers(make([...previews, { format: 'webp' }]), PLENTY) > 0).toBe(cores > 1)
    expect(countWorkers(make(previews), PLENTY) > 0).toBe(cores > 2)
    expect(countWorkers(make(thumbs), PLENTY)).toBe(0)
  })

  it('is 0 for JPEG to JPEG, which threads handle, unless there are more than two cores', () => {
    const small = jobs(Math.max(Math.ceil(1200 / cores), 500), 60_000)
    const make = (ops: Rendition['ops']) =>
      small.map((job) => ({ ...job, renditions: [{ preset: 'p', target: 'a', recipe: 'r', ops }] }))
    expect(countWorkers(make([{ thumbnail: 100 }]), PLENTY) > 0).toBe(cores > 2)
    expect(countWorkers(make([{ thumbnail: 100 }, { format: 'webp' }]), PLENTY) > 0).toBe(cores > 1)
  })

  it('is the requested number, limited by the images and the concurrency', () => {
    const some = jobs(20, 2_000_000)
    expect(countWorkers(some, { ...PLENTY, workers: 3 })).toBe(3)
    expect(countWorkers(some, { ...PLENTY, workers: 30 })).toBe(20)
    expect(countWorkers(some, { ...PLENTY, workers: 3, concurrency: 2 })).toBe(2)
  })

  it('is 1 if memory is short, unless all images may be in progress at once', () => {
    const many = jobs(2 * cores + 1, 2_000_000)
    expect(countWorkers(many, { memory: 300e6 })).toBe(1)
    expect(countWorkers(many, { memory: 300e6, workers: 0 })).toBe(0)
    expect(countWorkers(many, { memory: 2 * cores * 256e6 })).toBe(0)
    expect(countWorkers(many.slice(1), { memory: 300e6 })).toBe(0)
  })

  it('is limited by the memory that each worker needs for the heaviest input format', () => {
    const photos = jobs(20, 2_000_000)
    expect(countWorkers(photos, { memory: 500e6, workers: 4 })).toBe(2)
    expect(countWorkers([...photos, ...jobs(1, 2_000_000, 'HEIC')], { memory: 500e6, workers: 4 })).toBe(1)
    expect(countWorkers(photos, { memory: 1, workers: 4 })).toBe(1)
  })

  it('rejects a negative memory', () => {
    expect(() => countWorkers(jobs(1, 1), { memory: -1 })).toThrow('memory is -1')
  })
})
