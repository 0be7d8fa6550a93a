import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { run } from '../../src/run/run.js'
import { plan } from '../../src/run/plan-run.js'
import type { RunOptions } from '../../src/run/options.js'
import { makeProject, type Project } from '../support/project.js'

const runIn = (project: Project, options: RunOptions) => run({ cwd: project.path, ...options })

/** Paths of all outputs that a manifest lists, in its order. */
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
  it('lies where it is told to, and lists outputs relative to itself', async () => {
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

  it('knows outputs of earlier runs wherever it lies', async () => {
    const project = await makePhotos()
    const options = { inputs: ['photos'], preset: 'thumb', out: 'photos', manifest: 'images.json' }
    await runIn(project, options).summary
    expect((await plan({ cwd: project.path, ...options })).jobs.map(({ path }) => path)).toEqual([
      'photos/a.jpg',
      'photos/sub/b.jpg',
    ])
  })

  it('is not written where none is wanted, and still told', async () => {
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
    ['of another program', '{"name":"A web app","icons":[]}'],
    ['that is no JSON', 'version: 1'],
    ['of a newer imgproc', '{"version":2,"tool":{"name":"imgproc"},"entries":[]}'],
    ['that is damaged', '{"version":1,"tool":{"name":"imgproc"},"entries":[{"id":5}]}'],
  ])('never takes the place of one %s', async (_, content) => {
    const project = await makePhotos()
    await project.write('out/manifest.json', content)
    const { summary } = runIn(project, { inputs: ['photos'], preset: 'thumb' })
    await expect(summary).rejects.toMatchObject({
      code: 'INVALID_USAGE',
      message: expect.stringContaining('rite another with --manifest FILE') as string,
    })
    expect(await readFile(project.at('out/manifest.json'), 'utf8')).toBe(content)
    expect(await project.files('out')).toEqual(['manifest.json'])
  })

  it('has addresses where there is a base for them', async () => {
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

  it('names sources relative to the root, and nothing of this machine', async () => {
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
    expect(paths).toEqual(['logos/c.png', 'photos/a.jpg', 'photos/broken.jpg', 'photos/missing.jpg'])
    expect(text).not.toContain(project.path)
  })
})

describe('batches', () => {
  const batches = [
    { inputs: ['photos/**'], presets: ['thumb'] },
    { inputs: ['logos/*.png'], presets: ['web', 'thumb'], out: 'public/logos' },
  ]

  it('go to folders of their own, with a manifest each', async () => {
    const project = await makePhotos()
    const batch = runIn(project, { batches, out: 'public/img' })
    expect((await batch.summary).renditions.written).toBe(4)
    expect(await outputsOf(project, 'public/img/manifest.json')).toEqual(['a.thumb.jpg', 'sub/b.thumb.jpg'])
    expect(await outputsOf(project, 'public/logos/manifest.json')).toEqual(['c.thumb.png', 'c.web.webp'])
    expect((await batch.manifest).entries).toHaveLength(3)
  })

  it('may share a manifest', async () => {
    const project = await makePhotos()
    const shared = { batches, out: 'public/img', manifest: 'images.json' }
    await runIn(project, shared).summary
    const listed = await outputsOf(project, 'images.json')
    expect(listed.toSorted()).toEqual((await project.files('public')).map((name) => `public/${name}`))
    const before = await readFile(project.at('images.json'))
    await runIn(project, shared).summary
    expect(await readFile(project.at('images.json'))).toEqual(before)
  })

  it('may make the same preset of the same source in several folders', async () => {
    const project = await makePhotos()
    const twice = ['small', 'again'].map((out) => ({ inputs: ['photos/a.jpg'], presets: ['thumb'], out }))
    await runIn(project, { batches: twice, manifest: 'images.json' }).summary
    expect(await outputsOf(project, 'images.json')).toEqual(['again/a.thumb.jpg', 'small/a.thumb.jpg'])
  })

  it('may look for different things in the same source', async () => {
    const project = await makePhotos()
    const looks = ['thumbhash', 'palette'].map((name) => ({
      inputs: ['photos/a.jpg'],
      presets: [name],
      out: name,
    }))
    const presets = {
      thumbhash: { ops: [{ thumbnail: 10 }], analyze: ['thumbhash'] },
      palette: { ops: [{ thumbnail: 20 }], analyze: ['palette'] },
    }
    const { manifest } = runIn(project, { batches: looks, presets, manifest: 'images.json' })
    const found = Object.keys((await manifest).entries[0]?.analysis ?? {})
    expect(found.toSorted()).toEqual(['palette', 'thumbhash'])
  })

  it('may share a folder, and then its collisions are refused', async () => {
    const project = await makePhotos()
    await project.copy('photos/alpha.png', 'photos/c.png')
    const both = [
      { inputs: ['photos/**'], presets: ['web'] },
      { inputs: ['logos/**'], presets: ['web'] },
    ]
    await expect(plan({ cwd: project.path, batches: both })).rejects.toMatchObject({
      code: 'OUTPUT_COLLISION',
      message: expect.stringContaining('logos/c.png (web) → c.web.webp') as string,
    })
    const apart = both.map((batch) => ({ ...batch, base: '.' }))
    expect((await plan({ cwd: project.path, batches: apart })).jobs).toHaveLength(4)
  })

  it('never take what another has made for an input', async () => {
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

  it('never write over what another reads', async () => {
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

  it('never write over one another where a folder lies in the other', async () => {
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
