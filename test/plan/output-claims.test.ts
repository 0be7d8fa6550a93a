import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutputClaims } from '../../src/plan/output-claims.js'
import type { Job } from '../../src/jobs/types.js'
import { result } from '../manifest/results.js'

/** Returns a job with these targets. */
function job(path: string, ...targets: string[]): Job {
  const renditions = targets.map((target) => ({ preset: 'thumb', target, ops: [], recipe: 'r' }))
  return { ...result(path, []).job, renditions }
}

describe('output claims', () => {
  it('give a path to the source that sorts first, whichever is faster', async () => {
    const jobs = ['a.jpe', 'a.jpeg', 'a.jpg', 'b.jpg'].map((path) => job(path, `${path[0]}.thumb.{ext}`))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 8 }), { minLength: 4, maxLength: 4 }), async (delays) => {
        const { reserve, release } = createOutputClaims(jobs)
        const owners = await Promise.all(
          jobs.map(async (each, index) => {
            await sleep(delays[index])
            const owner = await reserve(`${each.path[0]}.thumb.jpg`, each)
            release(each)
            return owner
          }),
        )
        expect(owners).toEqual([undefined, 'a.jpe', 'a.jpe', undefined])
      }),
      { numRuns: 20 },
    )
  })

  it('give a path to the next source if the first fails without reserving it', async () => {
    const jobs = [job('a.jpeg', 'a.{ext}'), job('a.jpg', 'a.{ext}')]
    const { reserve, release } = createOutputClaims(jobs)
    const second = reserve('a.jpg', jobs[1]!)
    await sleep(5)
    release(jobs[0]!)
    expect(await second).toBeUndefined()
  })

  it('do not make a job wait if no other job can want its path', async () => {
    const jobs = [job('a.jpg', 'a.thumb.{ext}'), job('b.jpg', 'b.thumb.{ext}'), job('c.jpg', 'a.webp')]
    const { reserve } = createOutputClaims(jobs)
    expect(await reserve('b.thumb.jpg', jobs[1]!)).toBeUndefined()
    expect(await reserve('a.webp', jobs[2]!)).toBeUndefined()
  })

  it('treat paths as equal that differ only by case or Unicode normalisation', async () => {
    const jobs = [job('É.jpg', '\u00C9.{ext}'), job('é.jpg', 'e\u0301.{ext}')]
    const { reserve, release } = createOutputClaims(jobs)
    expect(await reserve('\u00C9.jpg', jobs[0]!)).toBeUndefined()
    release(jobs[0]!)
    expect(await reserve('e\u0301.jpg', jobs[1]!)).toBe('É.jpg')
  })

  it('reject a second output of the same source', async () => {
    const only = job('a.jpg', '{width}.{ext}', '{width}.{ext}')
    const { reserve } = createOutputClaims([only])
    expect(await reserve('100.jpg', only)).toBeUndefined()
    expect(await reserve('100.jpg', only)).toBe('a.jpg')
  })

  it('distinguish output folders, and detect collisions of one inside another', async () => {
    const jobs = [
      job('a.jpg', 'sub/x.{ext}'),
      { ...job('b.jpg', 'x.{ext}'), out: '/out/sub' },
      job('c.jpg', 'x.{ext}'),
    ]
    const { reserve, release } = createOutputClaims(jobs)
    expect(await reserve('sub/x.jpg', jobs[0]!)).toBeUndefined()
    release(jobs[0]!)
    expect(await reserve('x.jpg', jobs[1]!)).toBe('a.jpg')
    expect(await reserve('x.jpg', jobs[2]!)).toBeUndefined()
  })

  it('reject the path of any input', async () => {
    const jobs = [job('a.jpg', '{name}'), { ...job('b.jpg', '{name}'), out: '/src' }]
    const { reserve } = createOutputClaims(jobs)
    await expect(reserve('a.jpg', jobs[1]!)).rejects.toMatchObject({ code: 'OUTPUT_OVERWRITES_INPUT' })
  })
})
