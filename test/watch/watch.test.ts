import { cp, readFile, rename, rm, symlink } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RunOptions } from '../../src/run/options.js'
import type { Rebuild, WatchOptions } from '../../src/watch/types.js'
import { watch } from '../../src/watch/watch.js'
import { makeProject, type Project } from '../support/project.js'

/** Default options of the watches. */
const OPTIONS = {
  inputs: ['photos'],
  preset: 'small',
  presets: { small: { ops: [{ thumbnail: 20 }, { format: 'webp' }] } },
} satisfies RunOptions

/** Summary of a rebuild: `kind path` of each change, and the sources with outputs written or failed. */
interface RebuildSummary {
  readonly changes: readonly string[]
  readonly made: readonly string[]
  readonly failed: readonly string[]
}

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg')
  await project.copy('photos/alpha.png', 'photos/sub/b.png')
  return project
}

/** Starts a watch that ends with the test. The returned function waits until its next rebuild is finished. */
function watchIn(project: Project, options: WatchOptions = {}): () => Promise<RebuildSummary | undefined> {
  const controller = new AbortController()
  const rebuilds = watch({ cwd: project.path, ...OPTIONS, signal: controller.signal, ...options })
  onTestFinished(async () => {
    controller.abort()
    await rebuilds.return()
  })
  return async () => {
    const { value } = await rebuilds.next()
    return value === undefined ? undefined : summarize(value)
  }
}

async function summarize({ changes, run }: Rebuild): Promise<RebuildSummary> {
  const made: string[] = []
  const failed: string[] = []
  for await (const { job, outputs, error } of run) {
    if (outputs.some(({ action }) => action === 'written')) made.push(job.path)
    if (error !== undefined) failed.push(`${job.path} ${error.code}`)
  }
  return {
    changes: changes.map(({ kind, path }) => `${kind} ${path}`),
    made: made.toSorted(),
    failed: failed.toSorted(),
  }
}

function widthOf(project: Project, name: string): Promise<number> {
  return sharp(project.at(name))
    .metadata()
    .then(({ width }) => width)
}

describe('watch', () => {
  it('builds existing sources, then added and changed ones, and keeps the outputs of removed ones', async () => {
    const project = await makePhotos()
    const next = watchIn(project)
    expect(await next()).toEqual({ changes: [], made: ['photos/a.jpg', 'photos/sub/b.png'], failed: [] })

    await project.copy('photos/grey.jpg', 'photos/new/deep/c.jpg')
    const added = { changes: ['added photos/new/deep/c.jpg'], made: ['photos/new/deep/c.jpg'], failed: [] }
    expect(await next()).toEqual(added)

    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    expect(await next()).toEqual({ changes: ['changed photos/a.jpg'], made: ['photos/a.jpg'], failed: [] })

    await rm(project.at('photos/sub/b.png'))
    expect(await next()).toEqual({ changes: ['removed photos/sub/b.png'], made: [], failed: [] })
    expect(await project.files('out')).toEqual([
      'a.small.webp',
      'manifest.json',
      'new/deep/c.small.webp',
      'sub/b.small.webp',
    ])
  })

  it('builds changes from between two rebuilds in the next ones', async () => {
    const project = await makePhotos()
    const next = watchIn(project)
    await next()
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    await project.copy('photos/grey.jpg', 'photos/d.jpg')
    await rm(project.at('photos/a.jpg'))
    await project.copy('photos/grey.jpg', 'photos/e.jpg')
    const rebuilds: RebuildSummary[] = []
    while (!rebuilds.some(({ changes }) => changes.includes('added photos/e.jpg')))
      rebuilds.push((await next())!)
    expect(rebuilds.flatMap(({ made }) => made)).toEqual(['photos/c.jpg', 'photos/d.jpg', 'photos/e.jpg'])
    expect(rebuilds.flatMap(({ changes }) => changes)).toContain('removed photos/a.jpg')
  })

  it('builds a burst of new files in a few rebuilds', async () => {
    const project = await makePhotos()
    const next = watchIn(project)
    await next()
    const names = Array.from({ length: 50 }, (_, index) => `burst/${index}.jpg`)
    await project.copy('photos/grey.jpg', ...names.map((name) => `photos/${name}`))
    const made: string[] = []
    let rebuilds = 0
    for (; made.length < names.length; rebuilds++) made.push(...(await next())!.made)
    expect(made.toSorted()).toEqual(names.map((name) => `photos/${name}`).toSorted())
    expect(rebuilds).toBeLessThan(10)
    expect(await project.files('out/burst')).toHaveLength(names.length)
  })

  it.each(['photos/out', 'photos'])('does not report its outputs in %s as changes', async (out) => {
    const project = await makePhotos()
    const next = watchIn(project, { out })
    await next()
    for (const name of ['c', 'd', 'e']) {
      await project.copy('photos/grey.jpg', `photos/${name}.jpg`)
      const path = `photos/${name}.jpg`
      expect(await next()).toEqual({ changes: [`added ${path}`], made: [path], failed: [] })
    }
    expect((await project.files(out)).filter((name) => name.endsWith('.webp'))).toEqual([
      'a.small.webp',
      'c.small.webp',
      'd.small.webp',
      'e.small.webp',
      'sub/b.small.webp',
    ])
  })

  it('ignores files that are not inputs', async () => {
    const project = await makePhotos()
    const next = watchIn(project, { inputs: ['photos/*.jpg'] })
    await next()
    await project.touch('photos/notes.txt', 'elsewhere/notes.txt')
    await project.copy('photos/grey.jpg', 'photos/sub/c.jpg', 'photos/.hidden/d.jpg', 'elsewhere/e.jpg')
    await project.copy('photos/alpha.png', 'photos/f.png')
    await project.copy('photos/grey.jpg', 'photos/g.jpg')
    expect(await next()).toEqual({ changes: ['added photos/g.jpg'], made: ['photos/g.jpg'], failed: [] })
  })

  it('reports that a single file is created, removed, or replaced by a rename', async () => {
    const project = await makePhotos()
    const next = watchIn(project, { inputs: ['photos/a.jpg', 'later/x.jpg'] })
    expect(await next()).toEqual({
      changes: [],
      made: ['photos/a.jpg'],
      failed: ['later/x.jpg INPUT_NOT_FOUND'],
    })
    await project.copy('photos/landscape.jpg', 'photos/.a.jpg.part')
    await rename(project.at('photos/.a.jpg.part'), project.at('photos/a.jpg'))
    expect(await next()).toMatchObject({ changes: ['changed photos/a.jpg'], made: ['photos/a.jpg'] })
    await project.copy('photos/grey.jpg', 'later/x.jpg')
    expect(await next()).toEqual({ changes: ['added later/x.jpg'], made: ['later/x.jpg'], failed: [] })
    await rm(project.at('photos/a.jpg'))
    expect(await next()).toMatchObject({
      changes: ['removed photos/a.jpg'],
      failed: ['photos/a.jpg INPUT_NOT_FOUND'],
    })
  })

  it('continues when the input folder is removed and restored', async () => {
    const project = await makePhotos()
    const next = watchIn(project)
    await next()
    await rename(project.at('photos'), project.at('away'))
    const rebuilds = [(await next())!]
    // The removal of files may be reported before that of their folder.
    while (!rebuilds.some(({ failed }) => failed.includes('photos INPUT_NOT_FOUND')))
      rebuilds.push((await next())!)
    await cp(project.at('away'), project.at('photos'), { recursive: true })
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    const made: string[] = []
    while (!made.includes('photos/c.jpg')) made.push(...(await next())!.made)
    await project.copy('photos/grey.jpg', 'photos/sub/d.jpg')
    expect(await next()).toMatchObject({ made: ['photos/sub/d.jpg'] })
  })

  it('follows symbolic links, and stops at loops', async () => {
    const project = await makePhotos()
    await project.copy('photos/grey.jpg', 'elsewhere/c.jpg')
    await symlink('../elsewhere', project.at('photos/link'))
    await symlink('../photos', project.at('photos/loop'))
    await symlink('../photos', project.at('elsewhere/round'))
    const next = watchIn(project)
    expect((await next())?.made).toEqual(['photos/a.jpg', 'photos/link/c.jpg', 'photos/sub/b.png'])
    await project.copy('photos/landscape.jpg', 'elsewhere/c.jpg')
    expect(await next()).toMatchObject({
      changes: ['changed photos/link/c.jpg'],
      made: ['photos/link/c.jpg'],
    })
  })

  it('reports a broken image, and builds it once it is repaired', async () => {
    const project = await makePhotos()
    const next = watchIn(project)
    await next()
    await project.write('photos/a.jpg', 'no picture')
    expect(await next()).toMatchObject({ made: [], failed: ['photos/a.jpg UNSUPPORTED_FORMAT'] })
    await project.copy('photos/grey.jpg', 'photos/a.jpg')
    expect(await next()).toMatchObject({ made: ['photos/a.jpg'], failed: [] })
  })

  it('rebuilds everything when a file named by an operation changes', async () => {
    const project = await makePhotos()
    const mark = (background: string) =>
      sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toBuffer()
    await project.write('mark.png', await mark('red'))
    const next = watchIn(project, { ops: [{ watermark: 'mark.png' }] })
    await next()
    await project.write('mark.png', await mark('blue'))
    expect(await next()).toEqual({
      changes: ['changed mark.png'],
      made: ['photos/a.jpg', 'photos/sub/b.png'],
      failed: [],
    })
  })

  it('applies force to the first run only', async () => {
    const project = await makePhotos()
    await watchIn(project)()
    const next = watchIn(project, { force: true })
    expect((await next())?.made).toHaveLength(2)
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    expect((await next())?.made).toEqual(['photos/a.jpg'])
  })

  it('continues when the last image is removed', async () => {
    const project = await makePhotos()
    const next = watchIn(project, { inputs: ['photos/*.jpg'] })
    await next()
    await rm(project.at('photos/a.jpg'))
    expect(await next()).toEqual({ changes: ['removed photos/a.jpg'], made: [], failed: [] })
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    expect(await next()).toMatchObject({ made: ['photos/c.jpg'] })
  })
})

describe('options of a watch', () => {
  /** Starts a watch whose options depend on the file `size`, as on a config. */
  async function watchSize(project: Project) {
    await project.write('size', '20')
    const read = async (): Promise<WatchOptions> => {
      const thumbnail = Number(await readFile(project.at('size'), 'utf8'))
      if (Number.isNaN(thumbnail)) throw new TypeError('size: not a number')
      return { cwd: project.path, ...OPTIONS, presets: { small: { ops: [{ thumbnail }] } } }
    }
    return watchIn(project, { ...(await read()), reload: { files: ['size'], read } })
  }

  it('are read again when a file of reload changes', async () => {
    const project = await makePhotos()
    const next = await watchSize(project)
    await next()
    expect(await widthOf(project, 'out/a.small.jpg')).toBe(20)
    await project.write('size', '10')
    expect(await next()).toMatchObject({
      changes: ['changed size'],
      made: ['photos/a.jpg', 'photos/sub/b.png'],
    })
    expect(await widthOf(project, 'out/a.small.jpg')).toBe(10)
    // Later rebuilds use them too.
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    await next()
    expect(await widthOf(project, 'out/c.small.jpg')).toBe(10)
  })

  it.each([
    ['many', 'size: not a number'],
    ['-1', 'thumbnail'],
  ])('reject rebuilds while they are invalid (%s)', async (wrong, words) => {
    const project = await makePhotos()
    const next = await watchSize(project)
    await next()
    await project.write('size', wrong)
    await expect(next()).rejects.toThrow(words)
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    await expect(next()).rejects.toThrow(words)
    await project.write('size', '10')
    const repaired = await next()
    expect(repaired).toMatchObject({ made: ['photos/a.jpg', 'photos/c.jpg', 'photos/sub/b.png'] })
  })

  it.each([
    ['an object in a bucket', { inputs: ['s3://shop/a.jpg'] }, 's3://shop/a.jpg'],
    ['a web address', { inputs: ['photos', 'https://example.com/a.jpg'] }, 'https://example.com/a.jpg'],
    ['stdin', { inputs: ['-'] }, 'stdin'],
    ['no manifest', { manifest: false }, 'manifest'],
    ['stdout', { out: '-' }, '--out'],
    ['an unknown preset', { preset: 'smal' }, 'small'],
    ['a glob that matches nothing', { inputs: ['photo/**'] }, 'photo/**'],
  ] satisfies [string, RunOptions, string][])(
    'are rejected before the first run if they have %s',
    async (_, options, words) => {
      const project = await makePhotos()
      const next = watchIn(project, options)
      await expect(next()).rejects.toMatchObject({
        name: 'ImgprocError',
        message: expect.stringContaining(words) as string,
      })
      expect(await next()).toBeUndefined()
      expect(await project.files('out')).toEqual([])
    },
  )
})

describe('end of a watch', () => {
  it('is reached when the signal is aborted while idle', async () => {
    const project = await makePhotos()
    const controller = new AbortController()
    const next = watchIn(project, { signal: controller.signal })
    await next()
    const last = next()
    controller.abort()
    expect(await last).toBeUndefined()
  })

  it('is reached at once if the signal is already aborted', async () => {
    const project = await makePhotos()
    expect(await watchIn(project, { signal: AbortSignal.abort() })()).toBeUndefined()
    expect(await project.files('out')).toEqual([])
  })

  it('is reached when the loop is left, after the manifest is written', async () => {
    const project = await makePhotos()
    for await (const { run } of watch({ cwd: project.path, ...OPTIONS })) {
      await run.plan
      break
    }
    expect(await project.files('out')).toContain('manifest.json')
  })
})
