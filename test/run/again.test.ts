import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Backend, Source } from '../../src/stores/types.js'
import type { Result } from '../../src/jobs/types.js'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { run } from '../../src/run/run.js'
import type { RunOptions } from '../../src/run/options.js'
import { makePhotos, manifestOf, OPTIONS, pendingIn, runIn } from '../support/run-again.js'

describe('a rerun without changes', () => {
  it('writes nothing, not even the manifest, and reports all outputs as unchanged', async () => {
    const project = await makePhotos()
    const first = await runIn(project)
    expect(first.summary.renditions).toMatchObject({ written: 12, unchanged: 0 })
    const before = await manifestOf(project)
    const again = await runIn(project)
    expect(again.summary.renditions).toEqual({ written: 0, unchanged: 12, skipped: 0, failed: 0 })
    expect(again.summary.bytes).toEqual({ in: 0, out: 0 })
    expect(await manifestOf(project)).toEqual(before)
    expect(await pendingIn(project)).toEqual([])
  })

  it('opens no source and does not load sharp', async (context) => {
    const strace = await promisify(execFile)('strace', ['-V']).catch(() => undefined)
    if (strace === undefined) return context.skip()
    const project = await makePhotos()
    await runIn(project, { preset: 'small' })
    const script = `import { run } from '${new URL('../../dist/bundle/index.js', import.meta.url).href}'
      const { renditions } = await run(${JSON.stringify({ ...OPTIONS, preset: 'small' })}).summary
      console.log(JSON.stringify(renditions))`
    const args = ['-f', '-qq', '-e', 'trace=open,openat', '-o', project.at('trace'), process.execPath]
    const { stdout } = await promisify(execFile)(
      'strace',
      [...args, '--input-type=module', '--eval', script],
      { cwd: project.path },
    )
    expect(JSON.parse(stdout)).toMatchObject({ written: 0, unchanged: 3 })
    const opened = await readFile(project.at('trace'), 'utf8')
    expect(opened).toContain('.imgproc/snapshot')
    expect(opened.match(/[^"]*\.(?:jpg|png)(?=")/g)).toBeNull()
    expect(opened).not.toContain('libvips-cpp')
  })

  it('remembers skipped renditions without decoding the source', async () => {
    const project = await makePhotos()
    const presets = {
      small: { ops: [{ thumbnail: 9000 }], skipSmaller: true },
      wide: { ops: [], widths: [9000, 16, 9001], formats: ['webp' as const] },
    }
    const first = await runIn(project, { presets })
    expect(first.summary.renditions).toMatchObject({ written: 6, skipped: 6 })
    await rm(project.at('out/.imgproc'), { recursive: true })
    const again = await runIn(project, { presets })
    expect(again.summary.renditions).toEqual({ written: 0, unchanged: 6, skipped: 6, failed: 0 })
    const skippedIn = (results: readonly Result[]) =>
      results.flatMap(({ outputs }) => outputs.filter(({ action }) => action === 'skipped'))
    expect(new Set(skippedIn(again.results).map((each) => JSON.stringify(each)))).toEqual(
      new Set(skippedIn(first.results).map((each) => JSON.stringify(each))),
    )
  })

  it('compares content hashes if the source index is missing or damaged', async () => {
    const project = await makePhotos()
    await runIn(project)
    const before = await manifestOf(project)
    await rm(project.at('out/.imgproc'), { recursive: true })
    expect(await pendingIn(project)).toEqual([])
    for (const garbage of ['{ "version": 1, "sources": {', '{ "version": 9 }', '']) {
      await project.write('out/.imgproc/seen.json', garbage)
      expect((await runIn(project)).summary.renditions).toMatchObject({ written: 0, unchanged: 12 })
    }
    expect(await manifestOf(project)).toEqual(before)
    expect(await readFile(project.at('out/.imgproc/seen.json'), 'utf8')).toContain('"modified"')
  })

  it('compares ETags of an object store without reading sources', async () => {
    const objects = new Map<string, { data: Uint8Array; source: Source }>()
    const reads: string[] = []
    const write = async (ref: string, data: Uint8Array): Promise<Source> => {
      const source = { ref, size: data.length, etag: `${objects.size} ${data.length}` }
      objects.set(ref, { data, source })
      return source
    }
    const backend: Backend = {
      scheme: 'kept',
      async *list(prefix) {
        for (const [ref, { source }] of objects) if (ref.startsWith(prefix)) yield source
      },
      stat: async (ref) => objects.get(ref)?.source,
      async read(ref, { range }) {
        reads.push(ref)
        return objects.get(ref)?.data.slice(...(range ?? []))
      },
      write,
      remove: async (ref) => void objects.delete(ref),
    }
    await write('kept://in/a.jpg', await sharp('fixtures/photos/grey.jpg').jpeg().toBuffer())
    const options = {
      inputs: ['kept://in/a.jpg'],
      preset: 'thumb',
      out: 'kept://out',
      stores: { kept: backend },
    }
    const runAgain = () => run(options).summary
    expect((await runAgain()).renditions.written).toBe(1)
    reads.length = 0
    expect((await runAgain()).renditions).toMatchObject({ written: 0, unchanged: 1 })
    expect(reads).not.toContain('kept://in/a.jpg')
    await write('kept://in/a.jpg', await sharp('fixtures/photos/alpha.png').jpeg().toBuffer())
    expect((await runAgain()).renditions).toMatchObject({ written: 1, unchanged: 0 })
  })
})

describe('a rerun with other options', () => {
  it('updates output URLs without rendering when baseUrl changes', async () => {
    const project = await makePhotos()
    const urls = async (baseUrl?: string) => {
      const { summary } = await runIn(project, { preset: 'small', ...(baseUrl !== undefined && { baseUrl }) })
      const { entries } = await readManifest(project.at('out/manifest.json'))
      const [output] = entries[0]?.outputs ?? []
      return [summary.renditions.written, output?.status === 'ready' ? output.url : 'none']
    }
    expect(await urls('/img/')).toEqual([3, '/img/a.small.jpg'])
    expect(await urls('/cdn/')).toEqual([0, '/cdn/a.small.jpg'])
    expect(await urls()).toEqual([0, undefined])
  })

  it('runs newly requested analyzers without rendering', async () => {
    const project = await makePhotos()
    await runIn(project, { preset: 'small', analyze: ['entropy'] })
    const { summary } = await runIn(project, { preset: 'small', analyze: ['entropy', 'thumbhash'] })
    expect(summary.renditions).toMatchObject({ written: 0, unchanged: 3 })
    const { entries } = await readManifest(project.at('out/manifest.json'))
    for (const { analysis } of entries) expect(Object.keys(analysis ?? {})).toEqual(['entropy', 'thumbhash'])
    const { results } = await runIn(project, { preset: 'small', analyze: ['thumbhash'] })
    expect(results.map(({ job }) => job.analyze)).toEqual([[], [], []])
  })

  it('finds unchanged outputs of several folders in a shared manifest', async () => {
    const project = await makePhotos()
    const batches = [
      { inputs: ['photos'], presets: ['small'], out: 'one' },
      { inputs: ['photos'], presets: ['wide'], out: 'two' },
    ]
    const options: RunOptions = { cwd: project.path, presets: OPTIONS.presets, batches, manifest: 'all.json' }
    await run(options).summary
    const before = await manifestOf(project, 'all.json')
    expect((await run(options).summary).renditions).toMatchObject({ written: 0, unchanged: 12 })
    expect(await manifestOf(project, 'all.json')).toEqual(before)
    await rm(project.at('two/a.wide-16w.webp'))
    expect((await run(options).summary).renditions).toMatchObject({ written: 1, unchanged: 11 })
  })

  it('renders everything without a manifest or with force', async () => {
    const project = await makePhotos()
    for (const options of [{ manifest: false as const }, { manifest: false as const }, {}, { force: true }])
      expect((await runIn(project, options)).summary.renditions).toMatchObject({ written: 12, unchanged: 0 })
  })

  it('renders outputs of other library versions again with refresh, even after runs that kept them', async () => {
    const project = await makePhotos()
    await runIn(project)
    const path = project.at('out/manifest.json')
    const now = await readFile(path, 'utf8')
    await writeFile(path, now.replace(/"libvips": ?"[^"]+"/, '"libvips":"8.0.0"'))
    const old = await manifestOf(project)
    expect((await runIn(project)).summary.renditions.written).toBe(0)
    expect(await manifestOf(project)).toEqual(old)
    expect(
      (await runIn(project, { inputs: ['photos/a.jpg'], refresh: true })).summary.renditions.written,
    ).toBe(4)
    expect((await runIn(project, { refresh: true })).summary.renditions.written).toBe(12)
    expect((await manifestOf(project)).text).toBe(now)
    expect((await runIn(project, { refresh: true })).summary.renditions.written).toBe(0)
  })

  it('writes only the image to stdout, and does so in every run', async () => {
    const project = await makePhotos()
    const pieces: Uint8Array[] = []
    const output = async (data: Uint8Array) => void pieces.push(data)
    const options = {
      inputs: ['photos/a.jpg'],
      preset: 'small',
      out: '-',
      manifest: 'm.json',
      pipe: { output },
    }
    for (const count of [1, 2]) {
      expect((await runIn(project, options)).summary.renditions.written).toBe(1)
      expect(pieces).toHaveLength(count)
    }
  })
})
