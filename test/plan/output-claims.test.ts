import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutputClaims } from '../../src/plan/output-claims.js'
import { skipped } from '../manifest/results.js'
import { jobOf } from './planning.js'

describe('output claims', () => {
  it('give a path to the source that sorts first, whichever is faster', async () => {
    const jobs = ['a.jpe', 'a.jpeg', 'a.jpg', 'b.jpg'].map((path) => jobOf(path, `${path[0]}.thumb.{ext}`))
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
    const jobs = [jobOf('a.jpeg', 'a.{ext}'), jobOf('a.jpg', 'a.{ext}')]
    const { reserve, release } = createOutputClaims(jobs)
    const second = reserve('a.jpg', jobs[1]!)
    await sleep(5)
    release(jobs[0]!)
    expect(await second).toBeUndefined()
  })

  it('do not make a job wait if no other job can want its path', async () => {
    const jobs = [jobOf('a.jpg', 'a.thumb.{ext}'), jobOf('b.jpg', 'b.thumb.{ext}'), jobOf('c.jpg', 'a.webp')]
    const { reserve } = createOutputClaims(jobs)
    expect(await reserve('b.thumb.jpg', jobs[1]!)).toBeUndefined()
    expect(await reserve('a.webp', jobs[2]!)).toBeUndefined()
  })

  it('treat paths as equal that differ only by case or Unicode normalisation', async () => {
    const jobs = [jobOf('É.jpg', '\u00C9.{ext}'), jobOf('é.jpg', 'e\u0301.{ext}')]
    const { reserve, release } = createOutputClaims(jobs)
    expect(await reserve('\u00C9.jpg', jobs[0]!)).toBeUndefined()
    release(jobs[0]!)
    expect(await reserve('e\u0301.jpg', jobs[1]!)).toBe('É.jpg')
  })

  it('reject a second output of the same source', async () => {
    const only = jobOf('a.jpg', '{width}.{ext}', '{width}.{ext}')
    const { reserve } = createOutputClaims([only])
    expect(await reserve('100.jpg', only)).toBeUndefined()
    expect(await reserve('100.jpg', only)).toBe('a.jpg')
  })

  it('distinguish output folders, and detect collisions of one inside another', async () => {
    const jobs = [
      jobOf('a.jpg', 'sub/x.{ext}'),
      { ...jobOf('b.jpg', 'x.{ext}'), out: '/out/sub' },
      jobOf('c.jpg', 'x.{ext}'),
    ]
    const { reserve, release } = createOutputClaims(jobs)
    expect(await reserve('sub/x.jpg', jobs[0]!)).toBeUndefined()
    release(jobs[0]!)
    expect(await reserve('x.jpg', jobs[1]!)).toBe('a.jpg')
    expect(await reserve('x.jpg', jobs[2]!)).toBeUndefined()
  })

  it('reject the path of any input', async () => {
    const jobs = [jobOf('a.jpg', '{name}'), { ...jobOf('b.jpg', '{name}'), out: '/src' }]
    const { reserve } = createOutputClaims(jobs)
    await expect(reserve('a.jpg', jobs[1]!)).rejects.toMatchObject({ code: 'OUTPUT_OVERWRITES_INPUT' })
  })

  it('keep the paths of outputs that are unchanged, but not of others that were known before the run', async () => {
    const picture = { format: 'jpeg', mime: 'image/jpeg', width: 9, height: 9 } as const
    const made = { ...picture, preset: 'thumb', path: 'a.jpg', bytes: 9, hash: 'sha256:0a', recipe: 'r' }
    const settled = [{ action: 'unchanged' as const, ...made }, skipped('web', 'small')]
    const jobs = [{ ...jobOf('a.jpg'), settled }, jobOf('b.jpg', '{width}.{ext}')]
    const { reserve, isExclusive } = createOutputClaims(jobs)
    expect(await reserve('A.jpg', jobs[1]!)).toBe('a.jpg')
    expect(await reserve('web.webp', jobs[1]!)).toBeUndefined()
    expect(isExclusive(jobs[1]!)).toBe(false)
  })

  it('are not needed by a job whose paths nothing else can have', () => {
    const jobs = [jobOf('a.jpg', 'a.{ext}'), jobOf('b.jpg', 'b.{ext}'), jobOf('b.png', 'b.{ext}')]
    const claims = createOutputClaims(jobs)
    expect(jobs.map(claims.isExclusive)).toEqual([true, false, false])
    const overInput = [{ ...jobOf('a.jpg', 'b.{ext}'), out: '/src' }, jobOf('b.jpg', 'x.{ext}')]
    expect(overInput.map(createOutputClaims(overInput).isExclusive)).toEqual([false, true])
  })
})
