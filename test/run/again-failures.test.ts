import { mkdir, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/run/options.js'
import type { Project } from '../support/project.js'
import { makePhotos, manifestOf, pendingIn, runIn } from '../support/run-again.js'

describe('a rerun after a failure', () => {
  const options = { inputs: ['photos/broken.jpg', 'photos/a.jpg'], preset: 'small' }
  async function makeBroken(): Promise<Project> {
    const project = await makePhotos()
    await project.copy('broken/truncated.jpg', 'photos/broken.jpg')
    return project
  }

  it('reports a permanent failure again without decoding the source', async () => {
    const project = await makeBroken()
    const first = await runIn(project, options)
    const before = await manifestOf(project)
    const again = await runIn(project, options)
    expect(again.summary.failures).toEqual(first.summary.failures)
    expect(again.summary.renditions).toEqual({ written: 0, unchanged: 1, skipped: 0, failed: 1 })
    expect(again.results.find(({ error }) => error)?.job.renditions).toEqual([])
    expect(await manifestOf(project)).toEqual(before)
  })

  it('retries a failed source with force, with other limits, or after it changed', async () => {
    const project = await makeBroken()
    await runIn(project, options)
    const pending = async (more: RunOptions) =>
      (await pendingIn(project, { ...options, ...more })).filter((line) => line.includes('broken'))
    expect(await pending({})).toEqual([])
    expect(await pending({ force: true })).toEqual(['forced: photos/broken.jpg small'])
    expect(await pending({ limits: { seconds: 5 } })).toEqual(['failed before: photos/broken.jpg small'])
    await project.copy('photos/grey.jpg', 'photos/broken.jpg')
    expect(await pending({})).toEqual(['source changed: photos/broken.jpg small'])
    expect((await runIn(project, options)).summary.failures).toEqual([])
  })

  it('retries a source that was missing', async () => {
    const project = await makePhotos()
    const missing = { inputs: ['photos/late.jpg'], preset: 'small', allowEmpty: true }
    expect((await runIn(project, missing)).summary.failures).toMatchObject([
      { error: { code: 'INPUT_NOT_FOUND' } },
    ])
    expect((await runIn(project, missing)).summary.failures).toHaveLength(1)
    await project.copy('photos/grey.jpg', 'photos/late.jpg')
    expect((await runIn(project, missing)).summary).toMatchObject({
      failures: [],
      renditions: { written: 1 },
    })
  })

  it('keeps the entry of a source that is too large until the limit is raised', async () => {
    const project = await makePhotos()
    const few = { inputs: ['photos/a.jpg'], preset: 'small', limits: { bytes: 100 } }
    await runIn(project, few)
    const before = await manifestOf(project)
    expect((await runIn(project, few)).summary.failures).toMatchObject([
      { error: { code: 'INPUT_TOO_LARGE' } },
    ])
    expect(await manifestOf(project)).toEqual(before)
    expect((await runIn(project, { ...few, limits: {} })).summary.renditions.written).toBe(1)
  })

  it('reports an unreachable maxBytes again without rendering', async () => {
    const project = await makePhotos()
    const tiny = { format: { type: 'jpeg' as const, maxBytes: 10 } }
    const unreachable = { inputs: ['photos/a.jpg'], preset: 'small', presets: { small: { ops: [tiny] } } }
    await runIn(project, unreachable)
    const { results } = await runIn(project, unreachable)
    expect(results[0]).toMatchObject({ status: 'failed', job: { renditions: [] } })
    expect(results[0]?.outputs).toMatchObject([{ action: 'failed', error: { code: 'TARGET_UNREACHABLE' } }])
  })

  it('retries an output that could not be written', async () => {
    const project = await makePhotos()
    const one = { inputs: ['photos/a.jpg'], preset: 'small' }
    await mkdir(project.at('out/a.small.jpg'), { recursive: true })
    expect((await runIn(project, one)).summary.renditions).toMatchObject({ failed: 1 })
    await rm(project.at('out/a.small.jpg'), { recursive: true })
    expect(await pendingIn(project, one)).toEqual(['failed before: photos/a.jpg small'])
    expect((await runIn(project, one)).summary.renditions).toMatchObject({ written: 1, failed: 0 })
  })
})
