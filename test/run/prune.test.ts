import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../src/stores/types.js'
import { mergeManifests } from '../../src/run/merge/merge-manifests.js'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { run } from '../../src/run/run.js'
import { plan } from '../../src/run/plan-run.js'
import type { RunOptions } from '../../src/run/options.js'
import { makeProject, type Project } from '../support/project.js'

const PRESETS = { small: { ops: [{ thumbnail: 20 }] }, other: { ops: [{ thumbnail: 12 }] } }
const OPTIONS = { inputs: ['photos'], preset: 'small', presets: PRESETS } satisfies RunOptions
const PRUNE = { prune: true } satisfies RunOptions

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg', 'photos/sub/c.jpg')
  return project
}

function runIn(project: Project, options: RunOptions = {}) {
  return run({ cwd: project.path, ...OPTIONS, ...options }).summary
}

const textOf = (project: Project) => readFile(project.at('out/manifest.json'), 'utf8')

async function imagesOf(project: Project, folder = 'out'): Promise<string[]> {
  return (await project.files(folder)).filter((name) => !name.endsWith('.json'))
}

/** Returns `source: paths` of each manifest entry. */
async function listed(project: Project): Promise<string[]> {
  const { entries } = await readManifest(project.at('out/manifest.json'))
  return entries.map(({ source, outputs }) => `${source.path}: ${outputs.map(({ path }) => path).join(' ')}`)
}

/** Returns `reason: path` of each output that a run would remove. */
async function removalsIn(project: Project, options: RunOptions = {}): Promise<string[]> {
  const { removals = [] } = await plan({ cwd: project.path, ...OPTIONS, ...PRUNE, ...options })
  return removals.map(({ reason, output }) => `${reason}: ${output.path}`)
}

describe('prune', () => {
  it('removes the outputs of deleted sources, and lists them in the plan', async () => {
    const project = await makePhotos()
    await runIn(project)
    await rm(project.at('photos/a.jpg'))
    await rm(project.at('photos/sub'), { recursive: true })
    await runIn(project)
    expect(await imagesOf(project)).toHaveLength(3)
    expect(await removalsIn(project)).toEqual(['source gone: a.small.jpg', 'source gone: sub/c.small.jpg'])
    expect(await imagesOf(project)).toHaveLength(3)
    expect(await runIn(project, PRUNE)).toMatchObject({ pruned: 2, renditions: { unchanged: 1, written: 0 } })
    expect(await imagesOf(project)).toEqual(['b.small.jpg'])
    expect(await listed(project)).toEqual(['photos/b.jpg: b.small.jpg'])
    const before = await textOf(project)
    expect(await runIn(project, PRUNE)).toMatchObject({ pruned: 0 })
    expect(await textOf(project)).toBe(before)
  })

  it("keeps outputs of sources outside the run's inputs, unless those sources were deleted", async () => {
    const project = await makePhotos()
    await runIn(project)
    expect(await runIn(project, { ...PRUNE, inputs: ['photos/a.jpg'] })).toMatchObject({ pruned: 0 })
    expect(await imagesOf(project)).toHaveLength(3)
    await rm(project.at('photos/sub/c.jpg'))
    expect(await runIn(project, { ...PRUNE, inputs: ['photos/a.jpg'] })).toMatchObject({ pruned: 1 })
    expect(await imagesOf(project)).toEqual(['a.small.jpg', 'b.small.jpg'])
  })

  it('removes the outputs of an input file that no longer exists', async () => {
    const project = await makePhotos()
    const inputs = ['photos/a.jpg', 'photos/b.jpg']
    await runIn(project, { inputs })
    await rm(project.at('photos/a.jpg'))
    const summary = await runIn(project, { inputs, ...PRUNE })
    expect(summary).toMatchObject({ pruned: 1, failures: [{ error: { code: 'INPUT_NOT_FOUND' } }] })
    expect(await imagesOf(project)).toEqual(['b.small.jpg'])
    expect(await listed(project)).toEqual(['photos/b.jpg: b.small.jpg'])
  })

  it('removes the outputs of presets that are no longer in the config, if one is given', async () => {
    const project = await makePhotos()
    await runIn(project, { preset: ['small', 'other', 'thumb'] })
    await runIn(project, { preset: undefined, ops: [{ thumbnail: 9 }] })
    const { small } = PRESETS
    expect(await runIn(project, { ...PRUNE, preset: 'thumb', presets: undefined })).toMatchObject({
      pruned: 0,
    })
    expect(await removalsIn(project, { presets: { small } })).toEqual(
      ['a', 'b', 'sub/c'].map((name) => `preset gone: ${name}.other.jpg`),
    )
    expect(await runIn(project, { ...PRUNE, presets: { small } })).toMatchObject({ pruned: 3 })
    const names = (await imagesOf(project)).filter((name) => name.startsWith('a.'))
    expect(names).toEqual(['a.jpg', 'a.small.jpg', 'a.thumb.jpg'])
    expect((await listed(project))[0]).toBe('photos/a.jpg: a.jpg a.small.jpg a.thumb.jpg')
  })

  it('removes outputs superseded by another hash or another path template', async () => {
    const project = await makePhotos()
    const hashed = { pathForAll: '{dir}/{name}-{hash:8}.{ext}' }
    await runIn(project, hashed)
    const before = await imagesOf(project)
    await project.copy('photos/cmyk.jpg', 'photos/a.jpg')
    expect(await removalsIn(project, hashed)).toEqual([`superseded: ${before[0]}`])
    expect(await runIn(project, { ...hashed, ...PRUNE })).toMatchObject({ pruned: 1 })
    const after = await imagesOf(project)
    expect(after.slice(1)).toEqual(before.slice(1))
    expect(after[0]).toMatch(/^a-/)
    expect(after[0]).not.toBe(before[0])
    expect(await removalsIn(project)).toEqual(after.map((name) => `superseded: ${name}`))
    expect(await runIn(project, PRUNE)).toMatchObject({ pruned: 3 })
    expect(await imagesOf(project)).toEqual(['a.small.jpg', 'b.small.jpg', 'sub/c.small.jpg'])
    expect(await removalsIn(project)).toEqual([])
  })

  it('keeps the old output of a source that now fails', async () => {
    const project = await makePhotos()
    const hashed = { pathForAll: '{dir}/{name}-{hash:8}.{ext}' }
    await runIn(project, hashed)
    const before = await imagesOf(project)
    await project.write('photos/a.jpg', 'no picture')
    expect(await runIn(project, { ...hashed, ...PRUNE })).toMatchObject({ pruned: 0, sources: { failed: 1 } })
    expect(await imagesOf(project)).toEqual(before)
  })

  it('keeps an output that was modified, and warns about it', async () => {
    const project = await makePhotos()
    await runIn(project)
    await rm(project.at('photos/a.jpg'))
    await writeFile(project.at('out/a.small.jpg'), 'mine')
    const { pruned, warnings } = await runIn(project, PRUNE)
    expect(pruned).toBe(0)
    expect(warnings?.[0]).toMatch(/a\.small\.jpg is kept: it has 4 bytes/)
    expect(await readFile(project.at('out/a.small.jpg'), 'utf8')).toBe('mine')
    await rm(project.at('out/a.small.jpg'))
    expect((await runIn(project, PRUNE)).warnings).toBeUndefined()
    expect(await listed(project)).toHaveLength(2)
  })

  it('keeps an output that is also a source', async () => {
    const project = await makePhotos()
    await runIn(project, { inputs: ['photos/a.jpg', 'photos/b.jpg'], out: 'pool' })
    await rm(project.at('photos/a.jpg'))
    const manifest = 'lists/all.json'
    await runIn(project, { inputs: ['pool/a.small.jpg'], out: 'next', manifest })
    await runIn(project, { inputs: ['pool/a.small.jpg', 'photos'], out: 'next', manifest, ...PRUNE })
    expect(await imagesOf(project, 'pool')).toContain('a.small.jpg')
  })

  it('removes the failed entries of deleted sources from the manifest', async () => {
    const project = await makePhotos()
    await project.write('photos/broken.jpg', 'no picture')
    await runIn(project)
    expect(await listed(project)).toHaveLength(4)
    await rm(project.at('photos/broken.jpg'))
    expect(await runIn(project, PRUNE)).toMatchObject({ pruned: 0 })
    expect(await listed(project)).toHaveLength(3)
  })

  it('removes nothing if all sources are missing, since a disk may not be mounted', async () => {
    const project = await makePhotos()
    await runIn(project)
    await rename(project.at('photos'), project.at('away'))
    await project.copy('photos/grey.jpg', 'new/d.jpg')
    const { pruned, warnings } = await runIn(project, { ...PRUNE, inputs: ['new'] })
    expect({ pruned, warnings }).toMatchObject({
      pruned: 0,
      warnings: [expect.stringContaining('not mounted')],
    })
    expect(await imagesOf(project)).toHaveLength(4)
  })

  it('removes the old output of a renamed source, even if it is the only source', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg')
    await runIn(project)
    await rename(project.at('photos/a.jpg'), project.at('photos/b.jpg'))
    expect(await runIn(project, PRUNE)).toMatchObject({ pruned: 1 })
    expect(await imagesOf(project)).toEqual(['b.small.jpg'])
  })

  it('removes nothing if the run fails, is aborted or stops early', async () => {
    const project = await makePhotos()
    await runIn(project)
    await rm(project.at('photos/a.jpg'))
    await expect(runIn(project, { ...PRUNE, inputs: ['photos', 'nothing/**'] })).rejects.toThrow(
      'matches no files',
    )
    await runIn(project, { ...PRUNE, signal: AbortSignal.abort() }).catch(() => {})
    await project.write('photos/0.jpg', 'no picture')
    await runIn(project, { ...PRUNE, bail: true })
    expect(await imagesOf(project)).toHaveLength(3)
  })

  it('keeps outputs in other folders and outputs of other shards', async () => {
    const project = await makePhotos()
    const manifest = 'all.json'
    await runIn(project, { manifest, out: 'one' })
    await runIn(project, { manifest, out: 'two', preset: 'other' })
    await rm(project.at('photos/a.jpg'))
    expect(await runIn(project, { manifest, out: 'two', preset: 'other', ...PRUNE })).toMatchObject({
      pruned: 1,
    })
    expect(await imagesOf(project, 'one')).toHaveLength(3)
    expect(await imagesOf(project, 'two')).toHaveLength(2)
    for (const shard of ['1/2', '2/2']) await runIn(project, { shard })
    expect(await runIn(project, { shard: '1/2', ...PRUNE })).toMatchObject({ pruned: 0 })
    expect(await imagesOf(project)).toHaveLength(2)
  })

  it('checks the sources in custom stores, and keeps their outputs if a store fails', async () => {
    const project = await makePhotos()
    const files = new Map<string, Uint8Array>()
    let isDown = false
    const backend: Backend = {
      scheme: 'kept',
      async *list(prefix) {
        for (const [ref, { length: size }] of files) if (ref.startsWith(prefix)) yield { ref, size }
      },
      stat: async (ref) => {
        if (isDown && ref.startsWith('kept://in/b')) throw new Error('down for today')
        const file = files.get(ref)
        return file && { ref, size: file.length }
      },
      read: async (ref) => files.get(ref),
      write: async (ref, data) => {
        files.set(ref, data)
        return { ref, size: data.length }
      },
      remove: async (ref) => void files.delete(ref),
    }
    for (const name of ['a', 'b', 'c'])
      files.set(`kept://in/${name}.jpg`, await readFile(project.at('photos/a.jpg')))
    const outputs = () =>
      [...files.keys()].filter((ref) => ref.startsWith('kept://out/') && ref.endsWith('.jpg')).toSorted()
    const options = { stores: { kept: backend }, inputs: ['kept://in/**'], out: 'kept://out' }
    for (const shard of ['1/2', '2/2']) await runIn(project, { ...options, shard })
    await mergeManifests(['kept://out/manifest-*-of-2.json'], {
      cwd: project.path,
      stores: { kept: backend },
      out: 'kept://out/manifest.json',
    })
    expect((await runIn(project, options)).renditions).toMatchObject({ written: 0, unchanged: 3 })
    files.delete('kept://in/a.jpg')
    isDown = true
    const { pruned, warnings } = await runIn(project, { ...options, ...PRUNE, inputs: ['kept://in/c.jpg'] })
    expect(pruned).toBe(1)
    expect(warnings).toEqual([expect.stringContaining('kept://in/b.jpg are kept')])
    expect(outputs()).toEqual(['kept://out/b.small.jpg', 'kept://out/c.small.jpg'])
  })

  it('rejects manifest: false', async () => {
    const project = await makePhotos()
    await expect(runIn(project, { ...PRUNE, manifest: false })).rejects.toMatchObject({
      code: 'INVALID_USAGE',
    })
  })
})
