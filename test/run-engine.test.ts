import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import type { Job, Result } from '../src/core/types.js'
import { createSharedEngine } from '../src/run-engine.js'
import type { RunOptions } from '../src/run-options.js'
import { result } from './core/results.js'

describe('the engine of worker processes', () => {
  it('is what many small images get by themselves, and large ones do not', () => {
    const jobs = (count: number, size: number): Job[] =>
      Array.from({ length: count }, (_, at) => {
        const { job } = result(`${at}.jpg`, [])
        return { ...job, source: { ...job.source, size } }
      })
    const isShared = (all: readonly Job[], options: RunOptions = {}) => {
      const claims = { claim: async () => undefined, finish: () => {}, isFree: () => false }
      const execute = async (job: Job): Promise<Result> => ({ job, status: 'ready', outputs: [], ms: 0 })
      return createSharedEngine(all, { claims, execute, signal: undefined }, options) !== undefined
    }
    const cores = availableParallelism()
    const many = Math.max(Math.ceil(8000 / cores), 500)
    expect(isShared(jobs(many, 60_000))).toBe(cores > 1)
    expect(isShared(jobs(many, 60_000), { concurrency: 1, workers: 0 })).toBe(false)
    expect(isShared(jobs(Math.floor(7000 / cores), 60_000))).toBe(false)
    expect(isShared(jobs(many, 2_000_000))).toBe(false)
    expect(isShared([...jobs(many, 60_000), ...jobs(many + 100, 2_000_000)])).toBe(false)
  })
})
