import { describe, expect, it } from 'vitest'
import { createWorkerEngine } from '../../src/run/worker-engine.js'
import type { RunOptions } from '../../src/run/options.js'
import { resolveRun } from '../../src/run/resolve-options.js'
import { result } from '../manifest/results.js'

describe('createWorkerEngine', () => {
  const usesWorkers = (options: RunOptions, analyze: readonly string[] = []) => {
    const jobs = [1, 2, 3].map((at) => ({ ...result(`${at}.jpg`, []).job, analyze }))
    const claims = { reserve: async () => undefined, release: () => {}, isExclusive: () => false }
    const execute = () => Promise.reject(new Error('not called'))
    const run = resolveRun({ inputs: [], preset: 'thumb', allowEmpty: true, ...options })
    return createWorkerEngine(jobs, { claims, execute, signal: undefined }, run) !== undefined
  }

  it('returns an engine if worker processes are requested', () => {
    expect(usesWorkers({ workers: 2 })).toBe(true)
    expect(usesWorkers({ workers: 0 })).toBe(false)
  })

  it('returns undefined if a job uses an analyzer that cannot be passed to a process', () => {
    const own = { name: 'own', summary: 'Finds nothing.', analyze: async () => ({}) }
    expect(usesWorkers({ workers: 2, analyzers: { own: './own.js' } }, ['own'])).toBe(true)
    expect(usesWorkers({ workers: 2, analyzers: { own } }, ['own'])).toBe(false)
    expect(usesWorkers({ workers: 2, analyzers: { own } })).toBe(true)
  })
})
