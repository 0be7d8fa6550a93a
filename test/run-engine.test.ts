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
      const claims = { claim: async () => undefined, finish: () => {} }
      const execute = async (job: Job): Promise<Result> => ({ job, status: 'ready', outputs: [], ms: 0 })
      return createSharedEngine(all, { claims, execute, signal: undefined }, options) !== undefined
    }
    expect(isShared(jobs(4000, 60_000))).toBe(availableParallelism() > 1)
    expect(isShared(jobs(4000, 60_000), { concurrency: 1, workers: 0 })).toBe(false)
    expect(isShared(jobs(2000, 60_000))).toBe(false)
    expect(isShared(jobs(4000, 2_000_000))).toBe(false)
    expect(isShared([...jobs(4000, 60_000), ...jobs(4100, 2_000_000)])).toBe(false)
  })
})
