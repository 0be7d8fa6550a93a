import { describe, expect, it } from 'vitest'
import { findSources, type SourceRequest } from '../../src/plan/find-sources.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { makeProject, type Project } from '../support/project.js'

async function find(project: Project, inputs: string[], more: Partial<SourceRequest> = {}) {
  const store = createFileStore({ cwd: project.path })
  const { sources, bases, ignored } = await findSources(store, { inputs, ...more })
  const below = (path: string) => path.slice(project.path.length + 1)
  return {
    found: sources.map(({ ref }) => below(ref)),
    base: below(bases.get(undefined) ?? ''),
    ignored: Object.fromEntries(ignored),
  }
}

describe('finding sources', () => {
  it('takes files, folders and globs together, each file once and sorted', async () => {
    const project = await makeProject()
    await project.touch('b/2.png', 'b/1.jpg', 'a/deep/x.webp', 'c.gif', 'left.jpg')
    const { found } = await find(project, ['c.gif', 'b', 'a/**', 'b/*.png', project.at('c.gif'), './b/1.jpg'])
    expect(found).toEqual(['a/deep/x.webp', 'b/1.jpg', 'b/2.png', 'c.gif'])
  })

  it('takes a name that exists as it is written, whatever characters it has', async () => {
    const project = await makeProject()
    await project.touch('Trip [Rome]/a (1).jpg', 'Trip [Rome]/b.jpg', '{x,y}.png', 'x.png')
    expect(await find(project, ['Trip [Rome]/a (1).jpg'])).toEqual({
      found: ['Trip [Rome]/a (1).jpg'],
      base: 'Trip [Rome]',
      ignored: {},
    })
    expect((await find(project, ['Trip [Rome]'])).found).toHaveLength(2)
    expect((await find(project, ['Trip [Rome]/*.jpg'])).found).toHaveLength(2)
    expect((await find(project, ['{x,y}.png'])).found).toEqual(['{x,y}.png'])
  })

  it('knows images by extensions in any case', async () => {
    const project = await makeProject()
    const images = ['A.JPG', 'b.Jpeg', 'c.TIFF', 'd.tif', 'e.svg', 'f.AVIF', 'g.heic', 'h.jfif', 'i.webp']
    await project.touch(...images)
    expect((await find(project, ['.'])).found).toEqual(images)
  })

  it('ignores what a folder or glob turns up and is no image, and counts it by kind', async () => {
    const project = await makeProject()
    await project.touch(
      'a.jpg',
      'notes.txt',
      'sub/more.TXT',
      'clip.mp4',
      'sub/.DS_Store',
      'README',
      'raw.cr2',
    )
    const ignored = { '.txt': 2, '.mp4': 1, '.cr2': 1, README: 1 }
    expect(await find(project, ['.'])).toEqual({ found: ['a.jpg'], base: '', ignored })
    // Seen twice, counted once.
    expect(await find(project, ['.', '**'])).toEqual({ found: ['a.jpg'], base: '', ignored })
  })

  it('takes a single file that is named, whatever its name', async () => {
    const project = await makeProject()
    await project.touch('notes.txt')
    expect(await find(project, ['notes.txt'])).toEqual({ found: ['notes.txt'], base: '', ignored: {} })
  })

  it('looks into several named files without an image name, and ignores those that are none', async () => {
    const project = await makeProject()
    await project.copy('odd/no-extension', 'IMG_1')
    await project.copy('photos/drawing.svg', 'drawing.bak')
    await project.copy('photos/photo.avif', 'photo')
    await project.copy('odd/notes.txt', 'notes.txt')
    await project.copy('broken/text.jpg', 'text.jpg')
    expect(await find(project, ['IMG_1', 'drawing.bak', 'photo', 'notes.txt', 'text.jpg'])).toEqual({
      found: ['IMG_1', 'drawing.bak', 'photo', 'text.jpg'],
      base: '',
      ignored: { '.txt': 1 },
    })
  })

  it('does not count as ignored what another input names', async () => {
    const project = await makeProject()
    await project.copy('odd/no-extension', 'photos/IMG_1', 'photos/a.jpg')
    expect(await find(project, ['photos', 'photos/IMG_1'])).toEqual({
      found: ['photos/IMG_1', 'photos/a.jpg'],
      base: 'photos',
      ignored: {},
    })
  })

  it('keeps a named file that is not there, for its reader to report', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    expect((await find(project, ['missing.jpg', 'a.jpg'])).found).toEqual(['a.jpg', 'missing.jpg'])
  })

  it.each([
    ['a glob that matches nothing', 'none/**/*.jpg', /"none\/\*\*\/\*\.jpg" matches no files.*quote globs/],
    ['an empty folder', 'empty', /The folder "empty" holds no files/],
    ['a folder without images', 'texts', /The folder "texts" holds 2 files, but no image/],
    ['a glob without images', '*.md', /"\*\.md" matches 1 file, but no image/],
  ])('refuses %s, unless it is allowed to be empty', async (_, input, message) => {
    const project = await makeProject()
    await project.touch('texts/a.txt', 'texts/b.txt', 'c.md', 'empty/.hidden/x.jpg', 'photo.jpg')
    const refused = await find(project, ['photo.jpg', input]).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'INVALID_USAGE', stage: 'plan', path: input })
    expect(refused).toHaveProperty('message', expect.stringMatching(message))
    const { found } = await find(project, ['photo.jpg', input], { allowEmpty: true })
    expect(found).toEqual(['photo.jpg'])
  })

  it('does not enter folders of outputs, unless they are the input itself', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg', 'photos/out/a.thumb.jpg', 'photos/outer/b.jpg')
    const outputs = [project.at('photos/out')]
    expect((await find(project, ['photos'], { outputs })).found).toEqual([
      'photos/a.jpg',
      'photos/outer/b.jpg',
    ])
    expect((await find(project, ['photos/out'], { outputs })).found).toEqual(['photos/out/a.thumb.jpg'])
  })

  it('leaves out what is to be ignored, named or not', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg', 'photos/private/b.jpg', 'photos/c.draft.jpg')
    const ignore = ['photos/private', '**/*.draft.jpg']
    expect((await find(project, ['photos', 'photos/c.draft.jpg'], { ignore })).found).toEqual([
      'photos/a.jpg',
    ])
  })

  it('takes no offence at an input that is left out whole', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg', 'private/b.jpg', 'texts/c.txt')
    const ignore = ['private']
    expect((await find(project, ['photos', 'private'], { ignore })).found).toEqual(['photos/a.jpg'])
    await expect(find(project, ['photos', 'texts'], { ignore })).rejects.toMatchObject({
      code: 'INVALID_USAGE',
    })
  })

  it.each([
    [['photos/2023', 'photos/2024/*.jpg'], 'photos'],
    [['photos/2023/**'], 'photos/2023'],
    [['photos/2023/a.jpg'], 'photos/2023'],
    [['photos/2023', 'c.jpg'], ''],
  ])('has of %j the base "%s"', async (inputs, base) => {
    const project = await makeProject()
    await project.touch('photos/2023/a.jpg', 'photos/2024/b.jpg', 'c.jpg')
    expect((await find(project, inputs)).base).toBe(base)
  })

  it('stops when it is told to', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    await expect(find(project, ['.'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })
})
