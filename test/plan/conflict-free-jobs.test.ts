import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/paths/location.js'
import { fillTarget, resolveTarget } from '../../src/paths/template.js'
import type { Job } from '../../src/jobs/types.js'
import { findConflictFreeJobs } from '../../src/plan/conflict-free-jobs.js'
import { jobOf } from './planning.js'

function freeOf(jobs: readonly Job[], taken: readonly string[] = []): string[] {
  return [...findConflictFreeJobs(jobs, taken)].map(({ path }) => path)
}

describe('findConflictFreeJobs', () => {
  it('returns the jobs whose paths no other job can have', () => {
    const jobs = [
      jobOf('a.jpg', 'a.thumb.{ext}'),
      jobOf('b.jpg', 'b.webp'),
      jobOf('c.jpeg', 'c.{ext}'),
      jobOf('c.jpg', 'c.{ext}'),
      jobOf('d.jpg', 'd-{width}.webp'),
      jobOf('e.jpg', 'd-100.webp', 'e.webp'),
    ]
    expect(freeOf(jobs)).toEqual(['a.jpg', 'b.jpg'])
  })

  it('returns jobs with several outputs', () => {
    expect(
      freeOf([jobOf('a.jpg', 'a-{width}.webp', 'a-{width}.jpg'), jobOf('b.jpg', 'b.webp')]),
    ).toHaveLength(2)
  })

  it('excludes jobs whose paths are taken, and takes escaped braces literally', () => {
    const jobs = [jobOf('a.jpg', 'a{{1}}.jpg'), jobOf('b.jpg', 'b.{ext}'), jobOf('c.jpg', 'c.jpg')]
    const { out } = jobs[0]!
    expect(freeOf(jobs, [keyOf(`${out}/a{1}.jpg`), keyOf(`${out}/B.png`)])).toEqual(['c.jpg'])
  })

  it('returns only jobs that get paths of their own, whatever the images are', () => {
    const target = fc.stringMatching(/^[ab]{1,2}(?:-\{width\}|-1)?\.(?:\{ext\}|jpg|png)$/)
    fc.assert(
      fc.property(
        fc.array(fc.array(target, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 6 }),
        fc.array(fc.constantFrom('a.jpg', 'b-1.png', 'ab.jpg'), { maxLength: 2 }),
        (lists, taken) => {
          const jobs = lists.map((targets, at) => jobOf(`${at}.jpg`, ...targets))
          const free = findConflictFreeJobs(
            jobs,
            taken.map((path) => keyOf(`${jobs[0]!.out}/${path}`)),
          )
          const values = [1, 2].flatMap((width) => ['jpg', 'png'].map((ext) => ({ width, ext })))
          const pathsOf = ({ renditions }: Job) =>
            renditions.flatMap((each) => values.map((value) => resolveTarget(fillTarget(each.target, value))))
          for (const each of free) {
            const others = jobs.filter((other) => other !== each).flatMap(pathsOf)
            for (const path of pathsOf(each)) expect([...others, ...taken]).not.toContain(path)
          }
        },
      ),
    )
  })
})
