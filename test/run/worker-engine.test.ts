import { describe, expect, it } from 'vitest'
import { createWorkerEngine } from '../../src/run/worker-engine.js'
import type { RunOptions } from '../../src/run/options.js'
import { resolveRun } from '../../src/run/resolve-options.js'
import { result } from '../manifest/results.js'

describe('the engine of worker processes', () => {
  const isShared = (options: RunOptions, analyze: readonly string[] = []) => {
    const jobs = [1, 2, 3].map((at) => ({ ...result(`${at}.jpg`, []).job, analyze }))
    const claims = { reserve: async () => undefined, release: () => {}, isExclusive: () => false }
    const execute = () => Promise.reject(new Error('nothing is made'))
    const run = resolveRun({ inputs: [], preset: 'thumb', allowEmpty: true, ...options })
    return createWorkerEngine(jobs, { claims, execute, signal: undefined }, run) !== undefined
  }

  it('is there where there are to be workers', () => {
    expect(isShared({ workers: 2 })).toBe(true)
    expect(isShared({ workers: 0 })).toBe(false)
  })

  it('is none where a worker could not be told what to do', () => {
    const own = { name: 'own', summary: 'Finds nothing.', analyze: async () => ({}) }
    expect(isShared({ workers: 2, analyzers: { own: './own.js' } }, ['own'])).toBe(true)
    expect(isShared({ workers: 2, analyzers: { own } }, ['own'])).toBe(false)
    expect(isShared({ workers: 2, analyzers: { own } })).toBe(true)
  })
})
