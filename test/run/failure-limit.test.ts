import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { run } from '../../src/run/run.js'
import type { OutputResult } from '../../src/jobs/types.js'
import type { RunOptions } from '../../src/run/options.js'
import { acceptedFailures, createFailureLimit } from '../../src/run/failure-limit.js'
import { corrupt, failed, result, written } from '../manifest/results.js'
import { makeProject, type Project } from '../support/project.js'

/** Creates broken photos `a…` and valid ones `b…`. The broken ones come first, since jobs start in the order of names. */
async function makePhotos(broken: number, valid: number): Promise<Project> {
  const project = await makeProject()
  const names = (letter: string, count: number) =>
    Array.from({ length: count }, (_, index) => `photos/${letter}${index}.jpg`)
  await project.touch(...names('a', broken))
  await project.copy('photos/grey.jpg', ...names('b', valid))
  return project
}

function runIn(project: Project, options: RunOptions) {
  return run({
    cwd: project.path,
    inputs: ['photos'],
    ops: [{ thumbnail: 20 }],
    concurrency: 1,
    workers: 0,
    ...options,
  }).summary
}

describe('a run with failures', () => {
  it('finishes without a limit, however many sources fail', async () => {
    const summary = await runIn(await makePhotos(5, 3), {})
    expect(summary.sources).toMatchObject({ failed: 5, ready: 3 })
    expect(summary.stopped).toBeUndefined()
  })

  it('stops at the first failure with bail, and the next run renders the rest', async () => {
    const project = await makePhotos(1, 20)
    const { sources, stopped } = await runIn(project, { bail: true })
    expect(sources.failed).toBe(1)
    // Some are read ahead, and are finished: how many depends on what else the machine does.
    expect(sources.total).toBeLessThan(11)
    expect(stopped).toEqual({ by: 'bail', left: 21 - sources.total })
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries).toHaveLength(sources.total)
    // A remembered failure counts too.
    expect((await runIn(project, { bail: true })).stopped).toMatchObject({ by: 'bail' })
    const rest = await runIn(project, {})
    expect(rest.renditions.written).toBe(21 - sources.total)
  })

  it('finishes the jobs in progress when it stops', async () => {
    const project = await makePhotos(1, 20)
    await project.copy('photos/landscape.jpg', 'photos/a9.jpg')
    const { sources, renditions } = await runIn(project, { bail: true, concurrency: 2 })
    expect(renditions.written).toBe(sources.total - 1)
    expect((await project.files('out')).filter((name) => name.endsWith('.jpg'))).toHaveLength(
      renditions.written,
    )
  })

  it.each<[RunOptions['maxFailures'], boolean]>([
    [0, true],
    [3, true],
    [4, false],
    ['15%', true],
    ['16%', false],
    ['0%', true],
  ])('stops after four failures of 25 sources with maxFailures %s: %s', async (maxFailures, stops) => {
    const { stopped, sources } = await runIn(await makePhotos(4, 21), { maxFailures })
    expect(stopped?.by).toBe(stops ? 'maxFailures' : undefined)
    expect(sources.total + (stopped?.left ?? 0)).toBe(25)
  })

  it('reports no stop if only the last source fails', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg')
    await project.touch('photos/z.jpg')
    expect((await runIn(project, { bail: true })).stopped).toBeUndefined()
  })

  it.each<RunOptions['maxFailures']>([-1, 1.5, NaN, '101%', '-5%'])(
    'rejects maxFailures %s',
    async (maxFailures) => {
      const project = await makePhotos(0, 1)
      await expect(runIn(project, { maxFailures })).rejects.toMatchObject({ code: 'INVALID_USAGE' })
      expect(await project.files('out')).toEqual([])
    },
  )

  it('uses the stricter one of bail and maxFailures', () => {
    expect(acceptedFailures({ bail: true, maxFailures: 20 }, 100)).toBe(0)
    expect(acceptedFailures({ maxFailures: '2.5%' }, 200)).toBe(5)
    expect(acceptedFailures({}, 100)).toBe(Infinity)
  })
})

describe('a disk that rejects writes', () => {
  const full = { ...corrupt, code: 'WRITE_FAILED', stage: 'write', retryable: true } as const
  const unwritten = { ...failed('p', 'a.webp'), error: full } as const
  const stopReason = (options: RunOptions, outcomes: readonly OutputResult[], out = '/out') => {
    const failureLimit = createFailureLimit(options, 100)
    for (const outcome of outcomes) {
      const { job, ...rest } = result('a.png', [outcome])
      failureLimit.record({ ...rest, job: { ...job, out } })
    }
    return failureLimit.summary(5).stopped?.by
  }
  const nineteen = Array.from({ length: 19 }, () => unwritten)

  it('stops the run after 20 write failures in a row', () => {
    expect(stopReason({}, [...nineteen, unwritten])).toBe('unwritable')
    expect(stopReason({}, nineteen)).toBeUndefined()
  })

  it('does not stop the run if a write succeeds or the failures are not retryable', () => {
    expect(stopReason({}, [...nineteen, written('p', 'b.webp'), ...nineteen])).toBeUndefined()
    const blocked = { ...unwritten, error: { ...full, retryable: false } }
    expect(
      stopReason(
        {},
        Array.from({ length: 50 }, () => blocked),
      ),
    ).toBeUndefined()
  })

  it('does not stop a run with maxFailures or with outputs in S3', () => {
    expect(stopReason({ maxFailures: '100%' }, [...nineteen, ...nineteen])).toBeUndefined()
    expect(stopReason({ maxFailures: 30 }, [...nineteen, ...nineteen])).toBe('maxFailures')
    expect(stopReason({}, [...nineteen, ...nineteen], 's3://bucket/out')).toBeUndefined()
  })
})
