import { readFile, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { mergeManifests } from '../../../src/run/merge/merge-manifests.js'
import { run } from '../../../src/run/run.js'
import { plan } from '../../../src/run/plan-run.js'
import type { RunOptions } from '../../../src/run/options.js'
import { makeProject, type Project } from '../../support/project.js'

const OPTIONS = {
  inputs: ['photos'],
  preset: 'small',
  presets: { small: { ops: [{ thumbnail: 20 }] }, other: { ops: [{ thumbnail: 12 }] } },
} satisfies RunOptions

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `photos/${name}.jpg`)
const SHARDS = ['1/3', '2/3', '3/3']

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', ...NAMES)
  await project.copy('broken/truncated.jpg', 'photos/broken.jpg')
  return project
}

function runIn(project: Project, options: RunOptions = {}) {
  return run({ cwd: project.path, ...OPTIONS, ...options }).summary
}

function mergeIn(project: Project, patterns: readonly string[], out?: string) {
  return mergeManifests(patterns, { cwd: project.path, out })
}

const textOf = (project: Project, name: string) => readFile(project.at(name), 'utf8')

describe('merged shards', () => {
  it('give the same manifest and images as a run without shards', async () => {
    const project = await makePhotos()
    await runIn(project, { out: 'whole' })
    const parts = await Promise.all(SHARDS.map((shard) => runIn(project, { out: 'parts', shard })))
    expect(parts.map(({ manifest }) => manifest)).toEqual(
      [1, 2, 3].map((n) => `parts/manifest-${n}-of-3.json`),
    )
    expect(parts.reduce((sum, { sources }) => sum + sources.total, 0)).toBe(NAMES.length + 1)
    const merged = await mergeIn(project, ['parts/manifest-*-of-3.json'], 'parts/manifest.json')
    expect(merged.missing).toEqual([])
    expect(await textOf(project, 'parts/manifest.json')).toBe(await textOf(project, 'whole/manifest.json'))
    const images = async (folder: string) =>
      (await project.files(folder)).filter((name) => !name.endsWith('.json'))
    expect(await images('parts')).toEqual(await images('whole'))
  })

  it('leave nothing to render for a run without shards, even without the source index', async () => {
    const project = await makePhotos()
    for (const shard of SHARDS) await runIn(project, { shard })
    await mergeIn(project, ['out/manifest-*-of-3.json'], 'out/manifest.json')
    const before = await textOf(project, 'out/manifest.json')
    const { jobs } = await plan({ cwd: project.path, ...OPTIONS })
    expect(jobs.flatMap(({ renditions }) => renditions)).toEqual([])
    const { renditions } = await runIn(project)
    expect(renditions).toMatchObject({ written: 0, unchanged: NAMES.length })
    expect(await textOf(project, 'out/manifest.json')).toBe(before)
    await rm(project.at('out/.imgproc'), { recursive: true })
    expect((await runIn(project)).renditions).toMatchObject({ written: 0, unchanged: NAMES.length })
  })

  it('write nothing in a second run', async () => {
    const project = await makePhotos()
    for (const shard of SHARDS) await runIn(project, { shard })
    for (const shard of SHARDS) expect((await runIn(project, { shard })).renditions.written).toBe(0)
  })

  it('accept an empty shard, but reject inputs that match no files', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg')
    let empty = 0
    for (const shard of SHARDS) if ((await runIn(project, { shard })).sources.total === 0) empty++
    expect(empty).toBe(2)
    const { manifest } = await mergeIn(project, ['out/manifest-*.json'])
    expect(manifest.entries).toHaveLength(1)
    await expect(runIn(project, { shard: '1/3', inputs: ['nothing/**'] })).rejects.toThrow(/matches no files/)
  })

  it('reject inputs inside the output folder, where other shards may be writing', async () => {
    const project = await makePhotos()
    await expect(runIn(project, { shard: '1/3', out: 'photos' })).rejects.toMatchObject({
      code: 'INVALID_USAGE',
    })
    expect(await project.files('photos')).toHaveLength(NAMES.length + 1)
  })

  it('add the shard to the name of a given manifest file', async () => {
    const project = await makePhotos()
    for (const shard of SHARDS) await runIn(project, { shard, manifest: 'lists/x.ndjson' })
    const names = ['x-1-of-3.ndjson', 'x-2-of-3.ndjson', 'x-3-of-3.ndjson']
    expect(await project.files('lists')).toEqual(names)
    const { manifest } = await mergeIn(project, ['lists/*'], 'all.ndjson')
    expect(manifest.entries.map(({ source }) => source.path)).toEqual(
      [...NAMES, 'photos/broken.jpg'].toSorted(),
    )
    expect(manifest.entries[0]?.outputs).toMatchObject([{ path: 'out/a.small.jpg' }])
  })
})

describe('mergeManifests', () => {
  it('gives the same result in any order, and joins the presets of each source', async () => {
    const project = await makePhotos()
    await runIn(project, { out: 'one' })
    await runIn(project, { out: 'two', preset: 'other' })
    const [ab, ba] = [
      await mergeIn(project, ['one/manifest.json', 'two/manifest.json'], 'ab.json'),
      await mergeIn(project, ['two/manifest.json', 'one/manifest.json'], 'ba.json'),
    ]
    expect(ab.manifest).toEqual(ba.manifest)
    expect(await textOf(project, 'ab.json')).toBe(await textOf(project, 'ba.json'))
    expect(ab.manifest.entries[0]?.outputs.map(({ path }) => path)).toEqual([
      'two/a.other.jpg',
      'one/a.small.jpg',
    ])
    expect(await textOf(project, 'ab.json')).toContain('"path":"two/a.other.jpg"')
  })

  it('rejects manifests that differ in the outputs of a preset, and writes nothing', async () => {
    const project = await makePhotos()
    await runIn(project, { manifest: 'old.json' })
    await runIn(project, { manifest: 'new.json', presets: { small: { ops: [{ thumbnail: 16 }] } } })
    const merging = mergeIn(project, ['old.json', 'new.json'], 'all.json')
    await expect(merging).rejects.toMatchObject({ code: 'OUTPUT_COLLISION' })
    await expect(merging).rejects.toThrow('photos/a.jpg (small): its outputs differ')
    expect(await project.files()).not.toContain('all.json')
  })

  it('rejects two sources with the same output path', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'one/a.jpg', 'two/a.jpg')
    for (const folder of ['one', 'two'])
      await runIn(project, { inputs: [folder], manifest: `${folder}.json` })
    await expect(mergeIn(project, ['one.json', 'two.json'])).rejects.toThrow(
      'out/a.small.jpg: made from one/a.jpg and from two/a.jpg',
    )
  })

  it('reports missing shards, and ignores a manifest that it merged before', async () => {
    const project = await makePhotos()
    for (const shard of ['1/3', '3/3']) await runIn(project, { shard })
    for (const _ of ['once', 'again']) {
      const merged = await mergeIn(project, ['out/manifest*.json'], 'out/manifest.json')
      expect(merged.files).toEqual(['out/manifest-1-of-3.json', 'out/manifest-3-of-3.json'])
      expect(merged.missing).toEqual(['out/manifest-2-of-3.json'])
    }
  })

  it.each([
    ['nothing.json', 'INPUT_NOT_FOUND', 'There is no manifest at nothing.json.'],
    ['nothing-*.json', 'INPUT_NOT_FOUND', '"nothing-*.json" matches no manifest.'],
    ['photos', 'INVALID_USAGE', 'photos is a folder.'],
    ['other.json', 'INVALID_USAGE', 'is not an imgproc manifest'],
    ['damaged.json', 'INVALID_USAGE', 'damaged at'],
  ])('rejects the input %s with %s', async (name, code, message) => {
    const project = await makePhotos()
    await runIn(project)
    await project.write('other.json', '{}')
    const text = await textOf(project, 'out/manifest.json')
    await project.write('damaged.json', text.replace('"status":"ready"', '"status":"odd"'))
    const merging = mergeIn(project, ['out/manifest.json', name])
    await expect(merging).rejects.toMatchObject({ code })
    await expect(merging).rejects.toThrow(message)
  })

  it('does not overwrite a file that is not an imgproc manifest', async () => {
    const project = await makePhotos()
    await runIn(project)
    await project.write('theirs.json', '{}')
    await expect(mergeIn(project, ['out/manifest.json'], 'theirs.json')).rejects.toThrow('It was not changed')
    expect(await textOf(project, 'theirs.json')).toBe('{}')
  })

  it('records the oldest library versions, so that refresh renders their outputs again', async () => {
    const project = await makePhotos()
    for (const shard of SHARDS) await runIn(project, { shard })
    const name = 'out/manifest-2-of-3.json'
    await project.write(name, (await textOf(project, name)).replace(/"sharp": ?"[^"]+"/, '"sharp": "0.9.10"'))
    const { manifest } = await mergeIn(project, ['out/manifest-*.json'])
    expect(manifest.tool.sharp).toBe('0.9.10')
  })
})
