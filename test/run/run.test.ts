import { readFile, stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Result } from '../../src/jobs/types.js'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { run } from '../../src/run/run.js'
import { plan } from '../../src/run/plan-run.js'
import type { RunOptions } from '../../src/run/options.js'
import { makeProject, type Project } from '../support/project.js'

/** Creates a project with three photos and a truncated one. */
async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/grey.jpg')
  await project.copy('photos/orientation/Landscape_6.jpg', 'photos/sub/turned.jpg')
  await project.copy('photos/alpha.png', 'photos/alpha.png')
  await project.copy('broken/truncated.jpg', 'photos/zz-broken.jpg')
  return project
}

const runIn = (project: Project, options: RunOptions) => run({ cwd: project.path, ...options })

/** Returns `source status outputs` of each manifest entry. */
async function linesOf(project: Project, name: string): Promise<string[]> {
  const { entries } = await readManifest(project.at(name))
  return entries.map(({ source, status, outputs }) =>
    [source.path, status, ...outputs.map(({ path }) => path)].join(' '),
  )
}

describe('run', () => {
  it('yields results as they finish, then returns a summary and the manifest', async () => {
    const project = await makePhotos()
    await project.touch('photos/notes.txt')
    const batch = runIn(project, { inputs: ['photos'], preset: 'thumb', out: 'thumbs' })
    const results: Result[] = []
    for await (const result of batch) results.push(result)
    expect(results.map(({ job }) => job.path).toSorted()).toEqual([
      'photos/alpha.png',
      'photos/grey.jpg',
      'photos/sub/turned.jpg',
      'photos/zz-broken.jpg',
    ])
    expect(await batch.summary).toEqual({
      sources: { total: 4, ready: 3, partial: 0, failed: 1, skipped: 0 },
      renditions: { written: 3, unchanged: 0, skipped: 0, failed: 1 },
      bytes: { in: expect.any(Number) as number, out: expect.any(Number) as number },
      seconds: expect.any(Number) as number,
      ignored: { '.txt': 1 },
      failures: [
        { path: 'photos/zz-broken.jpg', error: expect.objectContaining({ code: 'CORRUPT_IMAGE' }) as object },
      ],
      manifest: 'thumbs/manifest.json',
    })
    expect(await batch.manifest).toEqual(await readManifest(project.at('thumbs/manifest.json')))
    expect(await linesOf(project, 'thumbs/manifest.json')).toEqual([
      'photos/alpha.png ready alpha.thumb.png',
      'photos/grey.jpg ready grey.thumb.jpg',
      'photos/sub/turned.jpg ready sub/turned.thumb.jpg',
      'photos/zz-broken.jpg failed',
    ])
  })

  it('counts the bytes read and written', async () => {
    const project = await makePhotos()
    const { bytes } = await runIn(project, { inputs: ['photos'], preset: 'thumb' }).summary
    const size = async (names: string[]) => {
      const stats = await Promise.all(names.map((name) => stat(project.at(name))))
      return stats.reduce((sum, { size: each }) => sum + each, 0)
    }
    const outputs = (await project.files('out')).filter((name) => name !== 'manifest.json')
    expect(bytes.in).toBe(await size((await project.files('photos')).map((name) => `photos/${name}`)))
    expect(bytes.out).toBe(await size(outputs.map((name) => `out/${name}`)))
  })

  it('finishes if its results are not consumed, or only some of them', async () => {
    const project = await makePhotos()
    const batch = runIn(project, { inputs: ['photos'], preset: 'thumb' })
    for await (const { job } of batch) if (job.path !== '') break
    expect((await batch.summary).renditions.written).toBe(3)
    const again = await runIn(project, { inputs: ['photos'], preset: 'thumb' }).summary
    expect(again.renditions).toMatchObject({ written: 0, unchanged: 3 })
  })

  it.each<[string, RunOptions, string]>([
    ['an unknown preset', { inputs: ['photos'], preset: 'thum' }, 'UNKNOWN_PRESET'],
    ['inputs without presets or operations', { inputs: ['photos'] }, 'INVALID_USAGE'],
    ['a preset without inputs', { preset: 'thumb' }, 'INVALID_USAGE'],
    ['no inputs and no batches', {}, 'INVALID_USAGE'],
    ['an empty list of inputs', { inputs: [], preset: 'thumb' }, 'INVALID_USAGE'],
    ['a glob that matches nothing', { inputs: ['none/**'], preset: 'thumb' }, 'INVALID_USAGE'],
    ['an unknown path token', { inputs: ['photos'], preset: 'thumb', pathForAll: '{nam}' }, 'INVALID_USAGE'],
    [
      'a path that leaves the output folder',
      { inputs: ['photos'], preset: 'web', pathForAll: '../{name}' },
      'OUTPUT_OUTSIDE_ROOT',
    ],
    [
      'colliding output paths',
      { inputs: ['photos'], preset: 'web', pathForAll: 'all.webp' },
      'OUTPUT_COLLISION',
    ],
    ['a quality without a format', { inputs: ['photos'], preset: 'thumb', quality: 50 }, 'INVALID_USAGE'],
    ['a quality above 100', { inputs: ['photos'], preset: 'web', quality: 500 }, 'INVALID_OPERATION'],
    ['a width of 0', { inputs: ['photos'], preset: 'web', widths: [0] }, 'INVALID_OPERATION'],
    [
      'an output folder that is a file',
      { inputs: ['photos'], preset: 'thumb', out: 'photos/grey.jpg' },
      'INVALID_USAGE',
    ],
    [
      'an input with an unknown scheme',
      { inputs: ['ftp://example.org/a.jpg'], preset: 'thumb' },
      'INVALID_USAGE',
    ],
    [
      'an output folder with an unknown scheme',
      { inputs: ['photos'], preset: 'thumb', out: 'ftp://bucket/img/' },
      'INVALID_USAGE',
    ],
    [
      'a preset with an unknown key',
      {
        inputs: ['photos'],
        preset: 'mine',
        presets: JSON.parse('{ "mine": { "opps": [] } }') as object as NonNullable<RunOptions['presets']>,
      },
      'INVALID_CONFIG',
    ],
    [
      'an unknown operation',
      { inputs: ['photos'], ops: JSON.parse('[{ "rotat": 90 }]') as NonNullable<RunOptions['ops']> },
      'UNKNOWN_OPERATION',
    ],
  ])('rejects %s, and writes nothing', async (_, options, code) => {
    const project = await makePhotos()
    const before = await project.files()
    const batch = runIn(project, options)
    await expect(batch.plan).rejects.toMatchObject({ code })
    await expect(batch.summary).rejects.toMatchObject({ code })
    await expect(batch.manifest).rejects.toMatchObject({ code })
    await expect(batch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code })
    await expect(plan({ cwd: project.path, ...options })).rejects.toMatchObject({ code })
    expect(await project.files()).toEqual(before)
  })

  it('returns the same plan as plan(), which writes nothing', async () => {
    const project = await makePhotos()
    const options = { inputs: ['photos'], preset: 'thumb', cwd: project.path }
    const planned = await plan(options)
    expect(await project.files('out')).toEqual([])
    const batch = run(options)
    expect(await batch.plan).toEqual(planned)
    await batch.summary
  })

  it('replaces the widths, formats and quality of presets', async () => {
    const project = await makePhotos()
    const renditionsOf = async (options: RunOptions) => {
      const { jobs } = await plan({ cwd: project.path, inputs: ['photos/grey.jpg'], ...options })
      return jobs[0]?.renditions.map(({ target, ops }) => [target, ops.find((op) => op.format)?.format])
    }
    expect(await renditionsOf({ preset: 'web', formats: ['avif', 'png'] })).toEqual([
      ['grey.web.avif', 'avif'],
      ['grey.web.png', 'png'],
    ])
    expect(
      await renditionsOf({ preset: 'responsive', widths: [50], formats: ['webp'], quality: 30 }),
    ).toEqual([['grey.responsive-{width}w.webp', { type: 'webp', quality: 30 }]])
    expect(await renditionsOf({ preset: 'web', quality: 30 })).toEqual([
      ['grey.web.webp', { type: 'webp', quality: 30 }],
    ])
    expect(await renditionsOf({ preset: 'responsive', widths: [], ops: [{ format: 'webp' }] })).toEqual([
      ['grey.responsive.webp', 'webp'],
    ])
    expect(await renditionsOf({ widths: [50, 60], formats: ['webp'] })).toEqual([
      ['grey-{width}w.webp', 'webp'],
      ['grey-{width}w.webp', 'webp'],
    ])
    expect(await renditionsOf({ ops: [{ rotate: 90 }] })).toEqual([['grey.{ext}', undefined]])
  })
})

describe('an aborted run', () => {
  it('rejects and writes nothing if it was aborted before it started', async () => {
    const project = await makePhotos()
    const batch = runIn(project, { inputs: ['photos'], preset: 'thumb', signal: AbortSignal.abort() })
    await expect(batch.summary).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await project.files('out')).toEqual([])
  })

  it('writes a manifest of exactly the finished outputs, and the next run renders the rest', async () => {
    const project = await makeProject()
    const names = Array.from({ length: 40 }, (_, index) => `photos/${index + 10}.jpg`)
    await project.copy('photos/grey.jpg', ...names)
    const controller = new AbortController()
    const options = { inputs: ['photos'], preset: ['thumb', 'web'], concurrency: 2 }
    const batch = runIn(project, { ...options, signal: controller.signal })
    let results = 0
    for await (const { status } of batch) {
      expect(status).toBe('ready')
      if (++results === 5) controller.abort()
    }
    const { sources, failures } = await batch.summary
    expect(sources.total).toBe(results)
    expect(results).toBeLessThan(40)
    expect(failures).toEqual([])
    const { entries } = await readManifest(project.at('out/manifest.json'))
    const listed = entries.flatMap(({ outputs }) => outputs.map(({ path }) => path))
    expect(listed).toHaveLength(results * 2)
    expect(await project.files('out')).toEqual([...listed, 'manifest.json'].toSorted())
    expect((await runIn(project, options).summary).sources.ready).toBe(40)
    expect(await linesOf(project, 'out/manifest.json')).toHaveLength(40)
  })
})

describe('a second run', () => {
  it('does not touch the manifest if nothing changed, at any concurrency', async () => {
    const project = await makePhotos()
    const runWith = async (concurrency: number) => {
      await runIn(project, { inputs: ['photos'], preset: ['web', 'thumb'], concurrency }).summary
      return {
        bytes: await readFile(project.at('out/manifest.json')),
        stats: await stat(project.at('out/manifest.json')),
      }
    }
    const first = await runWith(1)
    const second = await runWith(4)
    expect(second.bytes).toEqual(first.bytes)
    expect([second.stats.mtimeMs, second.stats.ino]).toEqual([first.stats.mtimeMs, first.stats.ino])
  })

  it('adds other presets and inputs to the manifest', async () => {
    const project = await makePhotos()
    await runIn(project, { inputs: ['photos/grey.jpg'], preset: 'thumb' }).summary
    await runIn(project, { inputs: ['photos/*.png'], preset: 'thumb' }).summary
    await runIn(project, { inputs: ['photos/grey.jpg'], preset: 'web' }).summary
    expect(await linesOf(project, 'out/manifest.json')).toEqual([
      'photos/alpha.png ready alpha.thumb.png',
      'photos/grey.jpg ready grey.thumb.jpg grey.web.webp',
    ])
  })

  it.each([
    ['inside the input folder', 'photos/small'],
    ['the input folder itself', 'photos'],
  ])('never uses outputs as inputs if the output folder is %s', async (_, out) => {
    const project = await makePhotos()
    // The plan lists unchanged outputs only with force.
    const options = { inputs: ['photos'], preset: 'thumb', out, force: true }
    const { jobs } = await plan({ cwd: project.path, ...options })
    await runIn(project, options).summary
    expect(await plan({ cwd: project.path, ...options })).toMatchObject({ jobs })
    expect((await runIn(project, options).summary).sources.total).toBe(4)
  })
})
