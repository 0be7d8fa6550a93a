import { cp, readFile, rename, rm, symlink } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RunOptions } from '../../src/run/options.js'
import { watch, type Rebuild, type WatchOptions } from '../../src/watch/watch.js'
import { makeProject, type Project } from '../support/project.js'

/** What is watched unless a test says otherwise. */
const OPTIONS = {
  inputs: ['photos'],
  preset: 'small',
  presets: { small: { ops: [{ thumbnail: 20 }, { format: 'webp' }] } },
} satisfies RunOptions

/** What a rebuild came to: `kind path` of each change, and the sources that something was made of. */
interface Told {
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

/** A watch that ends with the test; the function waits for its next rebuild, to its end. */
function watchIn(project: Project, options: WatchOptions = {}): () => Promise<Told | undefined> {
  const controller = new AbortController()
  const rebuilds = watch({ cwd: project.path, ...OPTIONS, signal: controller.signal, ...options })
  onTestFinished(async () => {
    controller.abort()
    await rebuilds.return()
  })
  return async () => {
    const { value } = await rebuilds.next()
    return value === undefined ? undefined : tell(value)
  }
}

async function tell({ changes, run }: Rebuild): Promise<Told> {
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
  it('makes what is there, then what is added or changed, and keeps the outputs of what is gone', async () => {
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

  it('makes in the next runs what has changed while nobody asked for one', async () => {
    const project = await makePhotos()
    const next = watchIn(project)
    await next()
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    await project.copy('photos/grey.jpg', 'photos/d.jpg')
    await rm(project.at('photos/a.jpg'))
    await project.copy('photos/grey.jpg', 'photos/e.jpg')
    const told: Told[] = []
    while (!told.some(({ changes }) => changes.includes('added photos/e.jpg'))) told.push((await next())!)
    expect(told.flatMap(({ made }) => made)).toEqual(['photos/c.jpg', 'photos/d.jpg', 'photos/e.jpg'])
    expect(told.flatMap(({ changes }) => changes)).toContain('removed photos/a.jpg')
  })

  it('makes all of a burst in a few rebuilds', async () => {
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

  it.each(['photos/out', 'photos'])('does not take its outputs in %s for changes', async (out) => {
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

  it('does not tell of what is no input', async () => {
    const project = await makePhotos()
    const next = watchIn(project, { inputs: ['photos/*.jpg'] })
    await next()
    await project.touch('photos/notes.txt', 'elsewhere/notes.txt')
    await project.copy('photos/grey.jpg', 'photos/sub/c.jpg', 'photos/.hidden/d.jpg', 'elsewhere/e.jpg')
    await project.copy('photos/alpha.png', 'photos/f.png')
    await project.copy('photos/grey.jpg', 'photos/g.jpg')
    expect(await next()).toEqual({ changes: ['added photos/g.jpg'], made: ['photos/g.jpg'], failed: [] })
  })

  it('sees a single file come and go, and be replaced as editors do', async () => {
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

  it('goes on when the folder of the inputs goes and comes back', async () => {
    const project = await makePhotos()
    const next = watchIn(project)
    await next()
    await rename(project.at('photos'), project.at('away'))
    const told = [(await next())!]
    // Files may be seen to go before their folder does.
    while (!told.some(({ failed }) => failed.includes('photos INPUT_NOT_FOUND'))) told.push((await next())!)
    await cp(project.at('away'), project.at('photos'), { recursive: true })
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    const made: string[] = []
    while (!made.includes('photos/c.jpg')) made.push(...(await next())!.made)
    await project.copy('photos/grey.jpg', 'photos/sub/d.jpg')
    expect(await next()).toMatchObject({ made: ['photos/sub/d.jpg'] })
  })

  it('follows links, and comes to an end where they lead round', async () => {
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

  it('names an image that fails, and makes it when it is mended', async () => {
    const project = await makePhotos()
    const next = watchIn(project)
    await next()
    await project.write('photos/a.jpg', 'no picture')
    expect(await next()).toMatchObject({ made: [], failed: ['photos/a.jpg UNSUPPORTED_FORMAT'] })
    await project.copy('photos/grey.jpg', 'photos/a.jpg')
    expect(await next()).toMatchObject({ made: ['photos/a.jpg'], failed: [] })
  })

  it('makes all again when a file changes that an operation names', async () => {
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

  it('makes once what is forced', async () => {
    const project = await makePhotos()
    await watchIn(project)()
    const next = watchIn(project, { force: true })
    expect((await next())?.made).toHaveLength(2)
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    expect((await next())?.made).toEqual(['photos/a.jpg'])
  })

  it('goes on when the last image goes', async () => {
    const project = await makePhotos()
    const next = watchIn(project, { inputs: ['photos/*.jpg'] })
    await next()
    await rm(project.at('photos/a.jpg'))
    expect(await next()).toEqual({ changes: ['removed photos/a.jpg'], made: [], failed: [] })
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    expect(await next()).toMatchObject({ made: ['photos/c.jpg'] })
  })
})

describe('the options of a watch', () => {
  /** Options of which the file `size` is a part, as a config is. */
  async function watchSize(project: Project) {
    await project.write('size', '20')
    const read = async (): Promise<WatchOptions> => {
      const thumbnail = Number(await readFile(project.at('size'), 'utf8'))
      if (Number.isNaN(thumbnail)) throw new TypeError('size: not a number')
      return { cwd: project.path, ...OPTIONS, presets: { small: { ops: [{ thumbnail }] } } }
    }
    return watchIn(project, { ...(await read()), reload: { files: ['size'], read } })
  }

  it('are read anew when the file changes that they come from', async () => {
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
    // And they are what counts from now on.
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    await next()
    expect(await widthOf(project, 'out/c.small.jpg')).toBe(10)
  })

  it.each([
    ['many', 'size: not a number'],
    ['-1', 'thumbnail'],
  ])('reject a rebuild when they are wrong (%s), until they are mended', async (wrong, words) => {
    const project = await makePhotos()
    const next = await watchSize(project)
    await next()
    await project.write('size', wrong)
    await expect(next()).rejects.toThrow(words)
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    await expect(next()).rejects.toThrow(words)
    await project.write('size', '10')
    const mended = await next()
    expect(mended).toMatchObject({ made: ['photos/a.jpg', 'photos/c.jpg', 'photos/sub/b.png'] })
  })

  it.each([
    ['an object in a bucket', { inputs: ['s3://shop/a.jpg'] }, 's3://shop/a.jpg'],
    ['a web address', { inputs: ['photos', 'https://example.com/a.jpg'] }, 'https://example.com/a.jpg'],
    ['stdin', { inputs: ['-'] }, 'stdin'],
    ['no manifest', { manifest: false }, 'manifest'],
    ['stdout', { out: '-' }, '--out'],
    ['a preset that is not there', { preset: 'smal' }, 'small'],
    ['a glob that matches nothing', { inputs: ['photo/**'] }, 'photo/**'],
  ] satisfies [string, RunOptions, string][])(
    'are refused at the beginning: %s',
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

describe('the end of a watch', () => {
  it('comes with the signal while nothing happens', async () => {
    const project = await makePhotos()
    const controller = new AbortController()
    const next = watchIn(project, { signal: controller.signal })
    await next()
    const last = next()
    controller.abort()
    expect(await last).toBeUndefined()
  })

  it('comes at once with a signal that was there before', async () => {
    const project = await makePhotos()
    expect(await watchIn(project, { signal: AbortSignal.abort() })()).toBeUndefined()
    expect(await project.files('out')).toEqual([])
  })

  it('comes when the loop is left, with the manifest written', async () => {
    const project = await makePhotos()
    for await (const { run } of watch({ cwd: project.path, ...OPTIONS })) {
      await run.plan
      break
    }
    expect(await project.files('out')).toContain('manifest.json')
  })
})
