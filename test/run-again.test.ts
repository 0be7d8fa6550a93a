import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Backend } from '../src/core/store.js'
import type { OutputResult, Result, Source } from '../src/core/types.js'
import { readManifest } from '../src/read-manifest.js'
import { plan, run } from '../src/run.js'
import type { RunOptions } from '../src/run-options.js'
import { makeProject, type Project } from './support/project.js'

/** Three photos, and what two presets make of them. */
const OPTIONS = {
  inputs: ['photos'],
  preset: ['small', 'wide'],
  presets: {
    small: { ops: [{ thumbnail: 20 }] },
    wide: { ops: [], widths: [16, 32, 9000], formats: ['webp'] },
  },
} satisfies RunOptions

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/sub/b.jpg')
  await project.copy('photos/alpha.png', 'photos/c.png')
  return project
}

async function runIn(project: Project, options: RunOptions = {}) {
  const batch = run({ cwd: project.path, concurrency: 2, ...OPTIONS, ...options })
  const results: Result[] = []
  for await (const result of batch) results.push(result)
  return { results, summary: await batch.summary }
}

/** `reason source → path` of all that would be made. */
async function pendingIn(project: Project, options: RunOptions = {}): Promise<string[]> {
  const { jobs } = await plan({ cwd: project.path, ...OPTIONS, ...options })
  return jobs.flatMap(({ path, renditions }) =>
    renditions.map(({ reason, preset }) => `${reason}: ${path} ${preset}`),
  )
}

/** `source preset` of all that was written, sorted. */
function writtenOf(results: readonly Result[]): string[] {
  const isWritten = ({ action }: OutputResult) => action === 'written'
  return results
    .flatMap(({ job, outputs }) => outputs.filter(isWritten).map(({ preset }) => `${job.path} ${preset}`))
    .toSorted()
}

async function manifestOf(project: Project, name = 'out/manifest.json') {
  const [text, stats] = [await readFile(project.at(name), 'utf8'), await stat(project.at(name))]
  return { text, mtime: stats.mtimeMs, inode: stats.ino }
}

async function touch(project: Project, name: string): Promise<void> {
  const { mtimeMs } = await stat(project.at(name))
  await utimes(project.at(name), new Date(), new Date(mtimeMs + 5000))
}

/** Another picture of exactly as many bytes. */
async function replaceBySameSize(project: Project, name: string): Promise<void> {
  const { size } = await stat(project.at(name))
  const other = await sharp({ create: { width: 40, height: 40, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()
  await writeFile(project.at(name), Buffer.concat([other, Buffer.alloc(size - other.length)]))
  await touch(project, name)
}

describe('a source narrower than the widths', () => {
  it.each([true, false])('is skipped at the same widths again, autoOrient %s', async (autoOrient) => {
    const project = await makePhotos()
    await project.copy('photos/orientation/Landscape_6.jpg', 'photos/turned.jpg')
    const presets = { wide: { ops: [{ autoOrient }], widths: [700, 900], formats: ['webp' as const] } }
    const options = { preset: 'wide', presets }
    const first = await runIn(project, options)
    expect(first.summary).toMatchObject({ renditions: { written: 4, skipped: 4, failed: 0 } })
    const { text } = await manifestOf(project)
    const second = await runIn(project, options)
    expect(second.summary).toMatchObject({ renditions: { written: 0, unchanged: 4, skipped: 4, failed: 0 } })
    expect((await manifestOf(project)).text).toBe(text)
  })
})

describe('a run after which nothing has changed', () => {
  it('makes nothing, leaves the manifest untouched, and says so', async () => {
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

  it('opens no source', async (context) => {
    const strace = await promisify(execFile)('strace', ['-V']).catch(() => undefined)
    if (strace === undefined) return context.skip()
    const project = await makePhotos()
    await runIn(project, { preset: 'small' })
    const script = `import { run } from '${new URL('../dist/index.js', import.meta.url).href}'
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
    expect(opened).toContain('manifest.json')
    expect(opened.match(/[^"]*\.(?:jpg|png)(?=")/g)).toBeNull()
  })

  it('remembers what was skipped, without decoding it again', async () => {
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
    const kept = (results: readonly Result[]) =>
      results.flatMap(({ outputs }) => outputs.filter(({ action }) => action === 'skipped'))
    expect(new Set(kept(again.results).map((each) => JSON.stringify(each)))).toEqual(
      new Set(kept(first.results).map((each) => JSON.stringify(each))),
    )
  })

  it('lets contents decide where it knows no times: on a clean clone, or where its file is damaged', async () => {
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

  it('asks a store of keys by its ETags, and reads no source', async () => {
    const held = new Map<string, { data: Uint8Array; source: Source }>()
    const reads: string[] = []
    const write = async (ref: string, data: Uint8Array): Promise<Source> => {
      const source = { ref, size: data.length, etag: `${held.size} ${data.length}` }
      held.set(ref, { data, source })
      return source
    }
    const backend: Backend = {
      scheme: 'kept',
      async *list(prefix) {
        for (const [ref, { source }] of held) if (ref.startsWith(prefix)) yield source
      },
      stat: async (ref) => held.get(ref)?.source,
      async read(ref, { range }) {
        reads.push(ref)
        return held.get(ref)?.data.slice(...(range ?? []))
      },
      write,
      remove: async (ref) => void held.delete(ref),
    }
    await write('kept://in/a.jpg', await sharp('fixtures/photos/grey.jpg').jpeg().toBuffer())
    const options = {
      inputs: ['kept://in/a.jpg'],
      preset: 'thumb',
      out: 'kept://out',
      stores: { kept: backend },
    }
    const once = () => run(options).summary
    expect((await once()).renditions.written).toBe(1)
    reads.length = 0
    expect((await once()).renditions).toMatchObject({ written: 0, unchanged: 1 })
    expect(reads).not.toContain('kept://in/a.jpg')
    await write('kept://in/a.jpg', await sharp('fixtures/photos/alpha.png').jpeg().toBuffer())
    expect((await once()).renditions).toMatchObject({ written: 1, unchanged: 0 })
  })
})

describe('a changed source', () => {
  it('that was only touched is not made again, and the run after that opens nothing', async () => {
    const project = await makePhotos()
    await runIn(project)
    const before = await manifestOf(project)
    await touch(project, 'photos/a.jpg')
    expect((await runIn(project)).summary.renditions).toMatchObject({ written: 0, unchanged: 12 })
    expect(await manifestOf(project)).toEqual(before)
    // Were it opened now, it would be found to be another.
    const { mtime, atime } = await stat(project.at('photos/a.jpg'))
    const { size } = await stat(project.at('photos/a.jpg'))
    await writeFile(project.at('photos/a.jpg'), Buffer.alloc(size))
    await utimes(project.at('photos/a.jpg'), atime, mtime)
    expect((await runIn(project)).summary.renditions).toMatchObject({ written: 0, unchanged: 12, failed: 0 })
  })

  it('is made again, of another size or the same, and nothing else is', async () => {
    const project = await makePhotos()
    await runIn(project)
    await project.copy('photos/orientation/Landscape_6.jpg', 'photos/a.jpg')
    expect(new Set(await pendingIn(project))).toEqual(
      new Set(['source changed: photos/a.jpg small', 'source changed: photos/a.jpg wide']),
    )
    const changed = ['photos/a.jpg small', ...Array<string>(3).fill('photos/a.jpg wide')]
    expect(writtenOf((await runIn(project)).results)).toEqual(changed)
    await replaceBySameSize(project, 'photos/a.jpg')
    const { results } = await runIn(project)
    expect(new Set(writtenOf(results))).toEqual(new Set(changed))
    expect((await sharp(project.at('out/a.small.jpg')).stats()).dominant.r).toBeGreaterThan(200)
  })

  it('leaves what other presets made of it to be made by them', async () => {
    const project = await makePhotos()
    await runIn(project)
    await replaceBySameSize(project, 'photos/a.jpg')
    await runIn(project, { preset: 'small' })
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries[0]?.outputs.map(({ preset, ...rest }) => [preset, 'stale' in rest])).toEqual([
      ['small', false],
      ['wide', true],
      ['wide', true],
      ['wide', true],
    ])
    expect(await pendingIn(project, { preset: 'small' })).toEqual([])
    expect(new Set(await pendingIn(project))).toEqual(new Set(['source changed: photos/a.jpg wide']))
  })
})

describe('a changed output', () => {
  it.each<[string, (path: string) => Promise<void>]>([
    ['output missing', (path) => rm(path)],
    ['output changed', (path) => truncate(path, 10)],
    ['output changed', (path) => writeFile(path, Buffer.alloc(100_000))],
  ])('is made again alone: %s', async (reason, change) => {
    const project = await makePhotos()
    await runIn(project)
    const before = await manifestOf(project)
    await change(project.at('out/sub/b.small.jpg'))
    expect(await pendingIn(project)).toEqual([`${reason}: photos/sub/b.jpg small`])
    expect(writtenOf((await runIn(project)).results)).toEqual(['photos/sub/b.jpg small'])
    expect(await manifestOf(project)).toEqual(before)
  })
})

describe('a changed preset', () => {
  it('is made again, and no other', async () => {
    const project = await makePhotos()
    await runIn(project)
    const presets = { ...OPTIONS.presets, small: { ops: [{ thumbnail: 21 }] } }
    const expected = ['photos/a.jpg small', 'photos/c.png small', 'photos/sub/b.jpg small']
    expect(await pendingIn(project, { presets })).toEqual(expected.map((line) => `recipe changed: ${line}`))
    expect(writtenOf((await runIn(project, { presets })).results)).toEqual(expected)
  })

  it('keeps what other presets and inputs have put into the manifest', async () => {
    const project = await makePhotos()
    await runIn(project)
    const changed = { ...OPTIONS.presets, small: { ops: [{ thumbnail: 21 }] } }
    await runIn(project, { inputs: ['photos/a.jpg'], preset: 'small', presets: changed })
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries.map(({ outputs }) => outputs.length)).toEqual([4, 4, 4])
  })

  it('writes to another path, which is made, and leaves the old one out of the manifest', async () => {
    const project = await makePhotos()
    const options = { inputs: ['photos/a.jpg'], preset: 'small' }
    await runIn(project, options)
    const moved = { ...options, pathForAll: '{name}-{preset}.{ext}' }
    expect(await pendingIn(project, moved)).toEqual(['path changed: photos/a.jpg small'])
    await runIn(project, moved)
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries.flatMap(({ outputs }) => outputs.map(({ path }) => path))).toEqual(['a-small.jpg'])
  })

  it('with other widths makes only those that are new, and lists those that are left', async () => {
    const project = await makePhotos()
    const options = { inputs: ['photos/a.jpg'], preset: 'wide' }
    const { width } = await sharp(project.at('photos/a.jpg')).metadata()
    const wide = (...widths: number[]) => ({
      ...options,
      presets: { wide: { ops: [], widths, formats: ['webp' as const] } },
    })
    const listed = async (...widths: number[]) => {
      const { summary } = await runIn(project, wide(...widths))
      expect(summary.failures).toEqual([])
      const { entries } = await readManifest(project.at('out/manifest.json'))
      return {
        ...summary.renditions,
        paths: entries.flatMap(({ outputs }) => outputs.map(({ path }) => path)),
      }
    }
    const path = (pixels: number) => `a.wide-${pixels}w.webp`
    expect(await listed(16, 9000)).toMatchObject({ written: 2, paths: [path(16), path(width)] })
    expect(await pendingIn(project, wide(16, 24, 9000))).toEqual(['new: photos/a.jpg wide'])
    expect(await listed(16, 24, 9000)).toMatchObject({ written: 1, unchanged: 2 })
    expect(await listed(24)).toMatchObject({ written: 0, unchanged: 1, paths: [path(24)] })
    // The narrowest that reaches the picture's width has the path now.
    expect(await listed(8000, 9000)).toMatchObject({ written: 1, skipped: 1, paths: [path(width)] })
    expect(await listed(9000)).toMatchObject({ written: 1, skipped: 0, paths: [path(width)] })
  })

  it('that skips smaller sources, or does so no more, decides anew', async () => {
    const project = await makePhotos()
    const options = (skipSmaller: boolean) => ({
      preset: 'big',
      presets: { big: { ops: [{ thumbnail: 9000 }], skipSmaller } },
    })
    const counts = async (skip: boolean) => (await runIn(project, options(skip))).summary.renditions
    expect(await counts(true)).toMatchObject({ written: 0, skipped: 3 })
    expect(await counts(false)).toMatchObject({ written: 3, skipped: 0 })
    expect(await counts(true)).toMatchObject({ written: 0, skipped: 3 })
  })

  it('has another recipe when its watermark looks otherwise, wherever that lies', async () => {
    const project = await makePhotos()
    await project.copy('photos/alpha.png', 'mark.png')
    const presets = { small: { ops: [{ watermark: { image: project.at('mark.png'), scale: 0.1 } }] } }
    const options = { inputs: ['photos/a.jpg'], preset: 'small', presets }
    await runIn(project, options)
    expect(await pendingIn(project, options)).toEqual([])
    await touch(project, 'mark.png')
    expect(await pendingIn(project, options)).toEqual([])
    await writeFile(project.at('mark.png'), await sharp(project.at('mark.png')).negate().png().toBuffer())
    expect(await pendingIn(project, options)).toEqual(['recipe changed: photos/a.jpg small'])
  })
})

describe('a source that has failed', () => {
  const options = { inputs: ['photos/broken.jpg', 'photos/a.jpg'], preset: 'small' }
  async function makeBroken(): Promise<Project> {
    const project = await makePhotos()
    await project.copy('broken/truncated.jpg', 'photos/broken.jpg')
    return project
  }

  it('for good is not decoded again, and fails again', async () => {
    const project = await makeBroken()
    const first = await runIn(project, options)
    const before = await manifestOf(project)
    const again = await runIn(project, options)
    expect(again.summary.failures).toEqual(first.summary.failures)
    expect(again.summary.renditions).toEqual({ written: 0, unchanged: 1, skipped: 0, failed: 1 })
    expect(again.results.find(({ error }) => error)?.job.renditions).toEqual([])
    expect(await manifestOf(project)).toEqual(before)
  })

  it('is tried again by force, under other limits, and when it has changed', async () => {
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

  it('because it was not there is tried again', async () => {
    const project = await makePhotos()
    const missing = { inputs: ['photos/late.jpg'], preset: 'small' }
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

  it('because it is too large keeps its entry as it is, until it may be larger', async () => {
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

  it('at one output fails there again, and is tried again where that may help', async () => {
    const project = await makePhotos()
    const tiny = { format: { type: 'jpeg' as const, maxBytes: 10 } }
    const unreachable = { inputs: ['photos/a.jpg'], preset: 'small', presets: { small: { ops: [tiny] } } }
    await runIn(project, unreachable)
    const { results } = await runIn(project, unreachable)
    expect(results[0]).toMatchObject({ status: 'failed', job: { renditions: [] } })
    expect(results[0]?.outputs).toMatchObject([{ action: 'failed', error: { code: 'TARGET_UNREACHABLE' } }])
  })

  it('to be written is tried again', async () => {
    const project = await makePhotos()
    const one = { inputs: ['photos/a.jpg'], preset: 'small' }
    await mkdir(project.at('out/a.small.jpg'), { recursive: true })
    expect((await runIn(project, one)).summary.renditions).toMatchObject({ failed: 1 })
    await rm(project.at('out/a.small.jpg'), { recursive: true })
    expect(await pendingIn(project, one)).toEqual(['failed before: photos/a.jpg small'])
    expect((await runIn(project, one)).summary.renditions).toMatchObject({ written: 1, failed: 0 })
  })
})

describe('a run with other options', () => {
  it('gives outputs other addresses without making them', async () => {
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

  it('finds what analyzers have not seen yet, without making pictures', async () => {
    const project = await makePhotos()
    await runIn(project, { preset: 'small', analyze: ['entropy'] })
    const { summary } = await runIn(project, { preset: 'small', analyze: ['entropy', 'thumbhash'] })
    expect(summary.renditions).toMatchObject({ written: 0, unchanged: 3 })
    const { entries } = await readManifest(project.at('out/manifest.json'))
    for (const { analysis } of entries) expect(Object.keys(analysis ?? {})).toEqual(['entropy', 'thumbhash'])
    const { results } = await runIn(project, { preset: 'small', analyze: ['thumbhash'] })
    expect(results.map(({ job }) => job.analyze)).toEqual([[], [], []])
  })

  it('knows the outputs of several folders that share a manifest', async () => {
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

  it('makes everything where no manifest is kept, or by force', async () => {
    const project = await makePhotos()
    for (const options of [{ manifest: false as const }, { manifest: false as const }, {}, { force: true }])
      expect((await runIn(project, options)).summary.renditions).toMatchObject({ written: 12, unchanged: 0 })
  })

  it('makes with --refresh what other versions made, however often it was left alone', async () => {
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

  it('writes nothing but the image to stdout', async () => {
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
