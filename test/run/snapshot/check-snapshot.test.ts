import { rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { RunOptions } from '../../../src/run/options.js'
import { run } from '../../../src/run/run.js'
import type { Project } from '../../support/project.js'
import { makePhotos, OPTIONS, runIn } from '../../support/run-again.js'

function begin(project: Project, options: Partial<RunOptions> = {}) {
  return run({ ...OPTIONS, cwd: project.path, ...options })
}

async function runOnce(project: Project, options: Partial<RunOptions> = {}) {
  return begin(project, options).summary
}

/** The counts of a summary, without its time. */
async function countsOf(summary: Promise<object>): Promise<object> {
  return { ...(await summary), seconds: 0 }
}

describe('a run that repeats the last one', () => {
  it('is known to be unchanged by a look, with the summary of a planned run', async () => {
    const project = await makePhotos()
    await project.write('photos/notes.txt', 'no image')
    const first = begin(project)
    expect(await first.isUnchanged).toBe(false)
    await first
    const again = begin(project)
    expect(await again.isUnchanged).toBe(true)
    const planned = begin(project)
    await planned.plan
    expect(await countsOf(again.summary)).toEqual(await countsOf(planned.summary))
    expect(await again.summary).toMatchObject({
      renditions: { written: 0, unchanged: 12, skipped: 0, failed: 0 },
      ignored: { '.txt': 1 },
      manifest: 'out/manifest.json',
    })
  })

  it('still gives plan, results and manifest to a caller that asks for them', async () => {
    const project = await makePhotos()
    await runOnce(project)
    const again = begin(project)
    await again.summary
    expect((await again.plan).jobs.map(({ path }) => path)).toContain('photos/a.jpg')
    const paths: string[] = []
    for await (const { job, outputs } of again)
      if (outputs.every(({ action }) => action === 'unchanged')) paths.push(job.path)
    expect(paths).toHaveLength((await again.summary).sources.total)
    expect((await again.manifest).entries).toHaveLength(paths.length)
  })

  it('counts skipped renditions as a planned run does', async () => {
    const project = await makePhotos()
    const presets = { small: { ops: [{ thumbnail: 9000 }], skipSmaller: true } }
    const options = { preset: 'small', presets }
    await runOnce(project, options)
    const again = begin(project, options)
    expect(await again.isUnchanged).toBe(true)
    const { summary } = await runIn(project, options)
    expect(await countsOf(again.summary)).toEqual({ ...summary, seconds: 0 })
    expect(summary.renditions.skipped).toBeGreaterThan(0)
  })

  it('is not assumed if an image fails each time', async () => {
    const project = await makePhotos()
    await project.write('photos/broken.jpg', 'no image')
    await runOnce(project)
    const again = begin(project)
    expect(await again.isUnchanged).toBe(false)
    expect(await again.summary).toMatchObject({ sources: { failed: 1 } })
  })

  it.each<[string, (project: Project) => Promise<unknown>]>([
    ['a source was touched', (project) => utimes(project.at('photos/a.jpg'), 1e9, 1e9)],
    ['a source was added', (project) => project.copy('photos/grey.jpg', 'photos/new.jpg')],
    ['a source was removed', (project) => rm(project.at('photos/a.jpg'))],
    ['a file that is no image was added', (project) => project.write('photos/notes.txt', 'no image')],
    ['an output was removed', (project) => rm(project.at('out/a.small.jpg'))],
    ['an output was cut off', (project) => truncate(project.at('out/a.small.jpg'), 100)],
    ['the manifest was touched', (project) => utimes(project.at('out/manifest.json'), 1e9, 1e9)],
    ['the manifest was removed', (project) => rm(project.at('out/manifest.json'))],
    ['a journal is left', (project) => project.write('out/.imgproc/journal.ndjson', '')],
    ['the snapshot was removed', (project) => rm(project.at('out/.imgproc/snapshot'))],
    ['the snapshot was cut off', (project) => truncate(project.at('out/.imgproc/snapshot'), 300)],
    ['the snapshot is garbage', (project) => project.write('out/.imgproc/snapshot', 'no\nJSON')],
    ['the inputs hold a manifest of their own', (project) => project.write('photos/manifest.json', '{}')],
  ])('is not assumed if %s', async (_, change) => {
    const project = await makePhotos()
    await runOnce(project)
    expect(await begin(project).isUnchanged).toBe(true)
    await change(project)
    const next = begin(project)
    expect(await next.isUnchanged).toBe(false)
    await next
  })

  it.each<[string, Partial<RunOptions>]>([
    ['another preset', { preset: 'small' }],
    ['other operations', { ops: [{ flip: true }] }],
    ['another base URL', { baseUrl: 'https://cdn.example' }],
    ['another limit', { limits: { pixels: 1e7 } }],
    ['another analyzer', { analyze: ['entropy'] }],
    ['force', { force: true }],
    ['prune', { prune: true }],
    ['no manifest', { manifest: false }],
    ['another manifest', { manifest: 'other.json' }],
    ['another output folder', { out: 'elsewhere' }],
    ['another input', { inputs: ['photos/a.jpg'] }],
  ])('is not assumed with %s', async (_, options) => {
    const project = await makePhotos()
    await runOnce(project)
    const next = begin(project, options)
    expect(await next.isUnchanged).toBe(false)
    await next
  })

  it('is not assumed if a file that an operation uses has changed', async () => {
    const project = await makePhotos()
    await project.copy('photos/grey.jpg', 'mark.jpg')
    const options: Partial<RunOptions> = {
      preset: [],
      ops: [{ watermark: { image: project.at('mark.jpg'), scale: 0.5 } }],
    }
    expect(await runOnce(project, options)).toMatchObject({ renditions: { written: 3 }, failures: [] })
    expect(await begin(project, options).isUnchanged).toBe(true)
    await project.copy('photos/orientation/Landscape_6.jpg', 'mark.jpg')
    expect((await runOnce(project, options)).renditions.written).toBe(3)
  })

  it('is not assumed for sources in the output folder, where outputs count as inputs', async () => {
    const project = await makePhotos()
    const options = { out: 'photos' }
    await runOnce(project, options)
    await runOnce(project, options)
    expect(await begin(project, options).isUnchanged).toBe(false)
  })

  it('makes what is missing after a change back and forth', async () => {
    const project = await makePhotos()
    await runOnce(project)
    await runOnce(project, { ops: [{ flip: true }] })
    expect((await runOnce(project)).renditions.written).toBe(12)
    await writeFile(project.at('out/a.small.jpg'), '')
    expect((await runOnce(project)).renditions).toMatchObject({ written: 1, unchanged: 11 })
  })
})
