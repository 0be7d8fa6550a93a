import { describe, expect, it } from 'vitest'
import { findPathConflicts, jobKey } from '../../src/plan/path-conflicts.js'
import { findSources } from '../../src/plan/find-sources.js'
import { planJobs } from '../../src/plan/plan-jobs.js'
import type { PlanRequest } from '../../src/plan/types.js'
import { withDefaults } from '../../src/image/limits.js'
import { createMemoryStore } from '../../src/stores/memory.js'
import { thumb, web } from './planning.js'

/** More than a plan holds as objects. */
const MANY = 20_000
const empty = Buffer.from([1])

/** Returns names that are listed in no order. */
function namesOf(count: number): string[] {
  const folders = Array.from({ length: count }, (_, at) => (at * 7919) % count)
  return folders.map((folder) => `in/${folder}/photo ${folder % 10}.jpg`)
}

function storeOf(names: readonly string[]) {
  return createMemoryStore(Object.fromEntries(names.map((name) => [name, empty])))
}

function request(more: Partial<PlanRequest['batches'][number]> = {}): PlanRequest {
  return {
    batches: [{ inputs: ['memory://in'], presets: [thumb, web], ...more }],
    out: '/out',
    root: '/',
    limits: withDefaults(),
    failOn: 'error',
  }
}

describe('a plan of many sources', () => {
  it('is that of few: sorted, each source once, with all its renditions', async () => {
    const names = namesOf(MANY)
    const store = storeOf(names)
    const plan = await planJobs(store, request({ inputs: ['memory://in', 'memory://in/**/*.jpg'] }))
    const paths = names.map((name) => `memory://${name}`).toSorted()
    expect(plan.length).toBe(MANY)
    expect([...plan].map(({ path }) => path)).toEqual(paths)
    expect([...plan].map(({ path }) => path)).toEqual(paths)
    const one = { inputs: [`memory://${names[0]}`], base: 'memory://in' }
    const [few] = await planJobs(store, request(one))
    expect(plan.jobs.find(({ path }) => path === few?.path)).toStrictEqual(few)
    // The array is made once.
    expect(plan.jobs).toBe(plan.jobs)
  })

  it('names the collisions among them', async () => {
    const names = [...namesOf(MANY), 'in/5/photo 5.png', 'in/9/photo 9.png']
    const error = await planJobs(storeOf(names), request({ presets: [web] })).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({
      code: 'OUTPUT_COLLISION',
      message: expect.stringMatching(
        /^2 output paths are used more than once.*\n {2}memory:\/\/in\/5\/photo 5\.jpg → .*\n {2}memory:\/\/in\/5\/photo 5\.png/,
      ),
    })
  })

  it('finds the jobs that may want the same path', async () => {
    const plan = await planJobs(
      storeOf([...namesOf(MANY), 'in/5/photo 5.png']),
      request({ presets: [{ name: 'same', ops: [{ thumbnail: 9 }] }] }),
    )
    const [jpg, png] = ['jpg', 'png'].map((ext) =>
      plan.jobs.find(({ path }) => path.endsWith(`/5/photo 5.${ext}`)),
    )
    const { jobs, rivals, taken } = findPathConflicts(plan)
    expect([...jobs.values()]).toEqual([jpg, png])
    expect(png && rivals.get(jobKey(png))).toEqual([jpg])
    expect(taken).toEqual([])
  })

  it('joins the renditions of batches', async () => {
    const store = storeOf(namesOf(MANY))
    const one = request()
    const [first] = one.batches
    const plan = await planJobs(store, {
      ...one,
      batches: [
        { ...first!, presets: [thumb] },
        { ...first!, presets: [web, thumb] },
      ],
    })
    expect(plan.length).toBe(MANY)
    for (const { renditions } of plan)
      expect(renditions.map(({ preset }) => preset)).toEqual(['thumb', 'web'])
  })
})

describe('many sources', () => {
  it('have the base of the first input that matches them, and the newest facts', async () => {
    const names = namesOf(MANY)
    const store = storeOf([...names, 'in/README'])
    const inputs = ['memory://in/5/photo 5.jpg', 'memory://in', 'memory://in/9/*']
    const { sources, ignored } = await findSources(store, { inputs })
    expect(sources.length).toBe(MANY)
    const bases = new Map([...sources].map(({ source, base }) => [source.ref, base]))
    expect(bases.size).toBe(MANY)
    expect(bases.get('memory://in/5/photo 5.jpg')).toBe('memory://in/5')
    expect(bases.get('memory://in/9/photo 9.jpg')).toBe('memory://in')
    expect(Object.fromEntries(ignored)).toEqual({ README: 1 })
  })
})
