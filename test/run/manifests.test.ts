import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { run } from '../../src/run/run.js'
import { plan } from '../../src/run/plan-run.js'
import type { RunOptions } from '../../src/run/options.js'
import { makeProject, type Project } from '../support/project.js'

const runIn = (project: Project, options: RunOptions) => run({ cwd: project.path, ...options })

/** Returns the paths of all outputs of a manifest, in its order. */
async function outputsOf(project: Project, name: string): Promise<string[]> {
  const { entries } = await readManifest(project.at(name))
  return entries.flatMap(({ outputs }) => outputs.map(({ path }) => path))
}

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/orientation/Landscape_1.jpg', 'photos/a.jpg', 'photos/sub/b.jpg')
  await project.copy('photos/alpha.png', 'logos/c.png')
  return project
}

describe('the manifest of a run', () => {
  it('is written to the given path and lists outputs relative to it', async () => {
    const project = await makePhotos()
    const options = { inputs: ['photos'], preset: 'thumb', out: 'public/img', manifest: 'data/images.json' }
    const { manifest } = await runIn(project, options).summary
    expect(manifest).toBe('data/images.json')
    expect(await project.files('public/img')).toEqual(['a.thumb.jpg', 'sub/b.thumb.jpg'])
    expect(await outputsOf(project, 'data/images.json')).toEqual([
      '../public/img/a.thumb.jpg',
      '../public/img/sub/b.thumb.jpg',
    ])
  })

  it('excludes outputs of earlier runs from the inputs, wherever it is stored', async () => {
    const project = await makePhotos()
    const options = { inputs: ['photos'], preset: 'thumb', out: 'photos', manifest: 'images.json' }
    await runIn(project, options).summary
    expect((await plan({ cwd: project.path, ...options })).jobs.map(({ path }) => path)).toEqual([
      'photos/a.jpg',
      'photos/sub/b.jpg',
    ])
  })

  it('is returned but not written with manifest: false', async () => {
    const project = await makePhotos()
    const batch = runIn(project, { inputs: ['photos'], preset: 'thumb', manifest: false })
    expect((await batch.summary).manifest).toBeUndefined()
    expect((await batch.manifest).entries.map(({ source }) => source.path)).toEqual([
      'photos/a.jpg',
      'photos/sub/b.jpg',
    ])
    expect(await project.files('out')).toEqual(['a.thumb.jpg', 'sub/b.thumb.jpg'])
  })

  it.each([
    ['a manifest of another program', '{"name":"A web app","icons":[]}'],
    ['a file that is not JSON', 'version: 1'],
    ['a manifest of a newer version', '{"version":2,"tool":{"name":"imgproc"},"entries":[]}'],
    ['a damaged manifest', '{"version":1,"tool":{"name":"imgproc"},"entries":[{"id":5}]}'],
  ])('does not overwrite %s', async (_, content) => {
    const project = await makePhotos()
    await project.write('out/manifest.json', content)
    const { summary } = runIn(project, { inputs: ['photos'], preset: 'thumb' })
    await expect(summary).rejects.toMatchObject({
      code: 'INVALID_USAGE',
      message: expect.stringContaining('another file: one that a run has written') as string,
    })
    expect(await readFile(project.at('out/manifest.json'), 'utf8')).toBe(content)
    expect(await project.files('out')).toEqual(['manifest.json'])
  })

  it('contains URLs if baseUrl is given', async () => {
    const project = await makePhotos()
    const { manifest } = runIn(project, {
      inputs: ['photos'],
      preset: 'web',
      baseUrl: 'https://example.org/img/',
    })
    expect((await manifest).entries.every((entry) => !('analysis' in entry))).toBe(true)
    expect((await manifest).entries.flatMap(({ outputs }) => outputs)).toMatchObject([
      { url: 'https://example.org/img/a.web.webp' },
      { url: 'https://example.org/img/sub/b.web.webp' },
    ])
  })

  it('lists sources relative to the root and contains no absolute path', async () => {
    const project = await makePhotos()
    await project.copy('broken/text.jpg', 'photos/broken.jpg')
    const inputs = ['a.jpg', 'broken.jpg', 'missing.jpg', '../logos/c.png']
    const options = {
      cwd: project.at('photos'),
      root: project.path,
      inputs,
      preset: 'thumb',
      out: 'sub/o ut',
    }
    await run(options).summary
    const text = await readFile(project.at('photos/sub/o ut/manifest.json'), 'utf8')
    const paths = [...text.matchAll(/"source":\{"path":"([^"]*)"/g)].map(([, path]) => path)
    expect(paths).toEqual(['logos/c.png', 'photos/a.jpg', 'photos/broken.jpg'])
    expect(text).not.toContain(project.path)
  })
})

describe('batches', () => {
  const batches = [
    { inputs: ['photos/**'], presets: ['thumb'] },
    { inputs: ['logos/*.png'], presets: ['web', 'thumb'], out: 'public/logos' },
  ]

  it('write to a folder of their own, each with a manifest', async () => {
    const project = await makePhotos()
    const batch = runIn(project, { batches, out: 'public/img' })
    expect((await batch.summary).renditions.written).toBe(4)
    expect(await outputsOf(project, 'public/img/manifest.json')).toEqual(['a.thumb.jpg', 'sub/b.thumb.jpg'])
    expect(await outputsOf(project, 'public/logos/manifest.json')).toEqual(['c.thumb.png', 'c.web.webp'])
    expect((await batch.manifest).entries).toHaveLength(3)
  })

  it('can share a manifest', async () => {
    const project = await makePhotos()
    const shared = { batches, out: 'public/img', manifest: 'images.json' }
    await runIn(project, shared).summary
    const listed = await outputsOf(project, 'images.json')
    expect(listed.toSorted()).toEqual((await project.files('public')).map((name) => `public/${name}`))
    const before = await readFile(project.at('images.json'))
    await runIn(project, shared).summary
    expect(await readFile(project.at('images.json'))).toEqual(before)
  })

  it('can render the same preset of a source into several folders', async () => {
    const project = await makePhotos()
    const twice = ['small', 'again'].map((out) => ({ inputs: ['photos/a.jpg'], presets: ['thumb'], out }))
    await runIn(project, { batches: twice, manifest: 'images.json' }).summary
    expect(await outputsOf(project, 'images.json')).toEqual(['again/a.thumb.jpg', 'small/a.thumb.jpg'])
  })

  it('can run different analyzers on the same source', async () => {
    const project = await makePhotos()
    const analyses = ['thumbhash', 'palette'].map((name) => ({
      inputs: ['photos/a.jpg'],
      presets: [name],
      out: name,
    }))
    const presets = {
      thumbhash: { ops: [{ thumbnail: 10 }], analyze: ['thumbhash'] },
      palette: { ops: [{ thumbnail: 20 }], analyze: ['palette'] },
    }
    const { manifest } = runIn(project, { batches: analyses, presets, manifest: 'images.json' })
    const found = Object.keys((await manifest).entries[0]?.analysis ?? {})
    expect(found.toSorted()).toEqual(['palette', 'thumbhash'])
  })

  it('can share an output folder, in which collisions are rejected', async () => {
    const project = await makePhotos()
    await project.copy('photos/alpha.png', 'photos/c.png')
    const both = [
      { inputs: ['photos/**'], presets: ['web'] },
      { inputs: ['logos/**'], presets: ['web'] },
    ]
    await expect(plan({ cwd: project.path, batches: both })).rejects.toMatchObject({
      code: 'OUTPUT_COLLISION',
      message: expect.stringContaining('logos/c.png → c.web.webp') as string,
    })
    const apart = both.map((batch) => ({ ...batch, base: '.' }))
    expect((await plan({ cwd: project.path, batches: apart })).jobs).toHaveLength(4)
  })

  it('never use outputs of another batch as inputs', async () => {
    const project = await makePhotos()
    const inside = [
      { inputs: ['photos'], presets: ['thumb'], out: 'photos/small' },
      { inputs: ['photos'], presets: ['web'], out: 'photos' },
      { inputs: ['.'], presets: ['avatar'], out: 'elsewhere' },
    ]
    const planned = async () => (await plan({ cwd: project.path, batches: inside, force: true })).jobs
    const first = await planned()
    await runIn(project, { batches: inside }).summary
    expect(await planned()).toEqual(first)
  })

  it('never overwrite inputs of another batch', async () => {
    const project = await makePhotos()
    await project.copy('photos/alpha.png', 'photos/a.png')
    const over = [
      { inputs: ['photos/a.png'], presets: ['flat'], out: 'photos' },
      { inputs: ['photos/a.jpg'], presets: ['thumb'], out: 'small' },
    ]
    const flat = { ops: [{ format: 'jpeg' as const }], path: '{dir}/{name}.{ext}' }
    await expect(plan({ cwd: project.path, batches: over, presets: { flat } })).rejects.toMatchObject({
      code: 'OUTPUT_OVERWRITES_INPUT',
    })
  })

  it('never overwrite outputs of another batch if their folders are nested', async () => {
    const project = await makePhotos()
    const nested = [
      { inputs: ['photos'], presets: ['thumb'], out: 'out' },
      { inputs: ['photos/sub'], presets: ['small'], out: 'out/sub' },
    ]
    const small = { ops: [{ thumbnail: 10 }], path: '{name}.thumb.{ext}' }
    const { failures } = await runIn(project, { batches: nested, presets: { small } }).summary
    expect(failures).toMatchObject([
      { path: 'photos/sub/b.jpg', preset: 'small', error: { code: 'OUTPUT_COLLISION' } },
    ])
    expect((await sharp(project.at('out/sub/b.thumb.jpg')).metadata()).width).toBe(100)
  })
})
