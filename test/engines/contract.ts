import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Job, Result } from '../../src/jobs/types.js'
import type { Engine } from '../../src/engines/types.js'
import { result } from '../manifest/results.js'

/** The options that every engine has. */
export interface EngineSetup {
  readonly concurrency: number
  readonly execute: (job: Job) => Promise<Result>
}

/** Defines the tests that every engine must pass. */
export function describeEngine(name: string, create: (setup: EngineSetup) => Engine): void {
  describe(`${name} engine`, () => {
    it.each([1, 2, 5])('yields the result of every job once, with %i at a time', async (concurrency) => {
      const jobs = makeJobs(20)
      const engine = create({ concurrency, execute: async (job) => finish(job, Math.random() * 4) })
      const results = await collect(engine.run(jobs))
      expect(results.map(({ job }) => job.path).toSorted()).toEqual(jobs.map(({ path }) => path))
    })

    it('has as many jobs in work as its concurrency, and never more', async () => {
      let running = 0
      let maxRunning = 0
      const engine = create({
        concurrency: 3,
        async execute(job) {
          maxRunning = Math.max(maxRunning, ++running)
          const done = await finish(job, 2)
          running--
          return done
        },
      })
      await collect(engine.run(makeJobs(12)))
      expect(maxRunning).toBe(3)
    })

    it('starts jobs in order, and yields results as they complete', async () => {
      const started: string[] = []
      let release = () => {}
      const othersDone = new Promise<void>((resolve) => {
        release = resolve
      })
      const engine = create({
        concurrency: 2,
        async execute(job) {
          started.push(job.path)
          if (job.path === '00.jpg') await othersDone
          if (job.path === '05.jpg') release()
          return finish(job, 0)
        },
      })
      const results = await collect(engine.run(makeJobs(6)))
      expect(started).toEqual(makeJobs(6).map(({ path }) => path))
      expect(results.slice(0, 4).map(({ job }) => job.path)).toEqual(['01.jpg', '02.jpg', '03.jpg', '04.jpg'])
    })

    it('takes jobs one by one, only a few ahead of those in work', async () => {
      let taken = 0
      let done = 0
      let maxAhead = 0
      const engine = create({
        concurrency: 2,
        async execute(job) {
          const made = await finish(job, 1)
          done++
          return made
        },
      })
      async function* stream(): AsyncGenerator<Job> {
        for (const job of makeJobs(30)) {
          maxAhead = Math.max(maxAhead, ++taken - done)
          yield job
        }
      }
      expect(await collect(engine.run(stream()))).toHaveLength(30)
      expect(maxAhead).toBeLessThanOrEqual(8)
    })

    it('waits for jobs that arrive slowly', async () => {
      async function* slowly(): AsyncGenerator<Job> {
        for (const job of makeJobs(3)) {
          await sleep(5)
          yield job
        }
      }
      const engine = create({ concurrency: 2, execute: (job) => finish(job, 0) })
      expect(await collect(engine.run(slowly()))).toHaveLength(3)
    })

    it('yields nothing without jobs', async () => {
      const engine = create({ concurrency: 2, execute: (job) => finish(job, 0) })
      expect(await collect(engine.run([]))).toEqual([])
    })

    it('starts no more jobs after an abort, and yields the results of started ones', async () => {
      const controller = new AbortController()
      const started: string[] = []
      const engine = create({
        concurrency: 2,
        execute(job) {
          started.push(job.path)
          if (started.length === 4) controller.abort()
          return finish(job, 2)
        },
      })
      const results = await collect(engine.run(makeJobs(50), { signal: controller.signal }))
      expect(results.map(({ job }) => job.path).toSorted()).toEqual(started.toSorted())
      expect(started.length).toBeLessThan(12)
    })

    it('starts nothing if the signal is already aborted', async () => {
      const engine = create({ concurrency: 2, execute: (job) => finish(job, 0) })
      expect(await collect(engine.run(makeJobs(5), { signal: AbortSignal.abort() }))).toEqual([])
    })

    it('starts no more jobs after the consumer stops iterating', async () => {
      let started = 0
      const engine = create({
        concurrency: 2,
        execute(job) {
          started++
          return finish(job, 1)
        },
      })
      for await (const { job } of engine.run(makeJobs(50))) if (job.path !== '') break
      await sleep(20)
      expect(started).toBeLessThan(12)
    })

    it('can be reused, and used for several runs at once', async () => {
      const engine = create({ concurrency: 2, execute: (job) => finish(job, 1) })
      const both = await Promise.all([collect(engine.run(makeJobs(5))), collect(engine.run(makeJobs(7)))])
      expect(both.map((results) => results.length)).toEqual([5, 7])
      expect(await collect(engine.run(makeJobs(2)))).toHaveLength(2)
    })
  })
}

function makeJobs(count: number): Job[] {
  return Array.from({ length: count }, (_, index) => result(`${String(index).padStart(2, '0')}.jpg`, []).job)
}

async function finish(job: Job, after: number): Promise<Result> {
  await sleep(after)
  return { job, status: 'skipped', outputs: [], ms: after }
}

async function collect(results: AsyncIterable<Result>): Promise<Result[]> {
  const list: Result[] = []
  for await (const each of results) list.push(each)
  return list
}
