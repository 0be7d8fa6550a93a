import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/paths/location.js'
import { fillTarget, resolveTarget } from '../../src/paths/template.js'
import type { Job } from '../../src/jobs/types.js'
import { findPathConflicts, jobKey } from '../../src/plan/path-conflicts.js'
import { written } from '../manifest/results.js'
import { jobOf } from './planning.js'

/** Returns the jobs without conflicts. */
function withoutConflicts(jobs: readonly Job[]): Job[] {
  const conflicts = findPathConflicts(jobs)
  return jobs.filter((job) => !conflicts.jobs.has(jobKey(job)))
}

function freeOf(jobs: readonly Job[]): string[] {
  return withoutConflicts(jobs).map(({ path }) => path)
}

/** Returns a job that makes nothing, since its outputs are unchanged. */
function settledJob(source: string, ...paths: string[]): Job {
  const settled = paths.map((path) => ({ ...written('thumb', path), action: 'unchanged' as const }))
  return { ...jobOf(source), settled: settled as NonNullable<Job['settled']> }
}

describe('findPathConflicts', () => {
  it('leaves out jobs whose paths no other job can have', () => {
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

  it('leaves out jobs with several outputs', () => {
    expect(
      freeOf([jobOf('a.jpg', 'a-{width}.webp', 'a-{width}.jpg'), jobOf('b.jpg', 'b.webp')]),
    ).toHaveLength(2)
  })

  it('returns jobs whose paths are taken, and takes escaped braces literally', () => {
    const jobs = [jobOf('a.jpg', 'a{{1}}.jpg'), jobOf('b.jpg', 'b.{ext}'), jobOf('c.jpg', 'c.jpg')]
    const made = settledJob('d.jpg', 'a{1}.jpg', 'B.png', 'd.png')
    expect(freeOf([...jobs, made])).toEqual(['c.jpg', 'd.jpg'])
    const below = { ...jobOf('e.jpg', 'e.png'), source: { ref: `${made.out}/C.JPG`, size: 9 } }
    const { taken } = findPathConflicts([...jobs, made, below])
    const key = (path: string) => keyOf(`${made.out}/${path}`)
    // Nobody wants d.png.
    expect(taken.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { key: key('a{1}.jpg'), kind: 'output', source: 'd.jpg' },
      { key: key('b.png'), kind: 'output', source: 'd.jpg' },
      { key: key('c.jpg'), kind: 'input', source: 'e.jpg' },
    ])
  })

  it('names the earlier job of those that may want the same path', () => {
    const jobs = ['a.gif', 'a.jpg', 'a.png', 'b.jpg'].map((path) => jobOf(path, `${path[0]}.{ext}`))
    const { rivals } = findPathConflicts(jobs)
    expect(jobs.map((job) => rivals.get(jobKey(job))?.map(({ path }) => path))).toEqual([
      undefined,
      ['a.gif'],
      ['a.jpg'],
      undefined,
    ])
  })

  it('leaves out only jobs that get paths of their own, whatever the images are', () => {
    const target = fc.stringMatching(/^[ab]{1,2}(?:-\{width\}|-1)?\.(?:\{ext\}|jpg|png)$/)
    fc.assert(
      fc.property(
        fc.array(fc.array(target, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 6 }),
        fc.array(fc.constantFrom('a.jpg', 'b-1.png', 'ab.jpg'), { maxLength: 2 }),
        (lists, taken) => {
          const jobs = lists.map((targets, at) => jobOf(`${at}.jpg`, ...targets))
          const free = withoutConflicts([...jobs, settledJob('taken.jpg', ...taken)])
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
