import { describe, expect, it } from 'vitest'
import { findSources, type SourceRequest } from '../../src/plan/find-sources.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { makeProject, type Project } from '../support/project.js'

async function find(project: Project, inputs: string[], more: Partial<SourceRequest> = {}) {
  const store = createFileStore({ cwd: project.path })
  const { sources, ignored } = await findSources(store, { inputs, ...more })
  const [first] = sources
  const below = (path: string) => path.slice(project.path.length + 1)
  return {
    found: [...sources].map(({ source }) => below(source.ref)),
    base: below(first?.base ?? ''),
    ignored: Object.fromEntries(ignored),
  }
}

describe('findSources', () => {
  it('accepts files, folders and globs together, and returns each file once, sorted', async () => {
    const project = await makeProject()
    await project.touch('b/2.png', 'b/1.jpg', 'a/deep/x.webp', 'c.gif', 'left.jpg')
    const { found } = await find(project, ['c.gif', 'b', 'a/**', 'b/*.png', project.at('c.gif'), './b/1.jpg'])
    expect(found).toEqual(['a/deep/x.webp', 'b/1.jpg', 'b/2.png', 'c.gif'])
  })

  it('takes the name of an existing file literally, whatever characters it has', async () => {
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

  it('recognises images by extensions in any case', async () => {
    const project = await makeProject()
    const images = ['A.JPG', 'b.Jpeg', 'c.TIFF', 'd.tif', 'e.svg', 'f.AVIF', 'g.heic', 'h.jfif', 'i.webp']
    await project.touch(...images)
    expect((await find(project, ['.'])).found).toEqual(images)
  })

  it('reads the first bytes of files without an extension, and takes those that are images', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'up/0b0cbd5e-9a', 'up/sub/photo.', 'up/.hidden', 'up/a.txt')
    await project.copy('photos/alpha.png', 'up/9f86d081')
    await project.copy('photos/drawing.svg', 'up/drawing')
    await project.touch('up/README', 'up/b.jpg')
    await project.write('up/empty', '')
    const found = ['up/0b0cbd5e-9a', 'up/9f86d081', 'up/b.jpg', 'up/drawing', 'up/sub/photo.']
    const ignored = { '.txt': 1, README: 1, empty: 1 }
    expect(await find(project, ['up'])).toEqual({ found, base: 'up', ignored })
    expect((await find(project, ['up', 'up/**'])).ignored).toEqual(ignored)
    expect((await find(project, ['up/9*', 'up/README'])).found).toEqual(['up/9f86d081'])
    await project.copy('photos/grey.jpg', 'only/9f86d081')
    expect((await find(project, ['only'], { ignore: ['only/9*'] })).found).toEqual([])
  })

  it('finds less common names of the formats', async () => {
    const project = await makeProject()
    const images = ['a.apng', 'b.mpo', 'c.pjp', 'd.pjpeg']
    await project.touch(...images)
    expect((await find(project, ['.'])).found).toEqual(images)
  })

  it.skipIf(process.platform === 'win32')(
    'finds names with line breaks and other odd characters',
    async () => {
      const project = await makeProject()
      const odd = [
        'a\nb.jpg',
        'c\rd.jpg',
        '\u2028.jpg',
        'tab\t.jpg',
        '-dash.jpg',
        '"q".jpg',
        "'.jpg",
        'b\\.jpg',
        '\uF8FFn.jpg',
      ]
      const all = [...odd, ...odd.map((name) => `x\ny/${name}`)].toSorted()
      await project.touch(...all)
      expect((await find(project, ['.'])).found).toEqual(all)
      expect((await find(project, ['**'])).found).toEqual(all)
      expect((await find(project, ['x\ny'])).found).toEqual(all.filter((name) => name.startsWith('x')))
      expect((await find(project, ['x\ny/*d.jpg'])).found).toEqual(['x\ny/c\rd.jpg'])
      expect((await find(project, ['*'], { ignore: ['a\nb.jpg'] })).found).toHaveLength(odd.length - 1)
    },
  )

  it('ignores files of a folder or glob that are not images, and counts them by extension', async () => {
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
    // Each file counts once, although both inputs match it.
    expect(await find(project, ['.', '**'])).toEqual({ found: ['a.jpg'], base: '', ignored })
  })

  it('accepts a single file, whatever its name', async () => {
    const project = await makeProject()
    await project.touch('notes.txt')
    expect(await find(project, ['notes.txt'])).toEqual({ found: ['notes.txt'], base: '', ignored: {} })
  })

  it('checks the content of several files without an image name, and ignores those that are not images', async () => {
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

  it('does not count a file as ignored that another input names', async () => {
    const project = await makeProject()
    await project.copy('odd/no-extension', 'photos/IMG_1', 'photos/a.jpg')
    expect(await find(project, ['photos', 'photos/IMG_1'])).toEqual({
      found: ['photos/IMG_1', 'photos/a.jpg'],
      base: 'photos',
      ignored: {},
    })
  })

  it('keeps a missing file, so that reading it reports the error', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    expect((await find(project, ['missing.jpg', 'a.jpg'])).found).toEqual(['a.jpg', 'missing.jpg'])
  })

  it.each([
    ['a file', ['missing.jpg'], 'There is no file "missing.jpg". Check the path.'],
    ['a folder', ['missing/'], 'There is no folder "missing/". Check the path.'],
    ['several', ['a/', 'b.jpg'], 'None of the 2 inputs exists, such as "a/". Check the paths.'],
  ])('rejects inputs of which none exists: %s', async (_, inputs, message) => {
    const project = await makeProject()
    await expect(find(project, inputs)).rejects.toMatchObject({ code: 'INVALID_USAGE', message })
    expect((await find(project, inputs, { allowEmpty: true })).found).toHaveLength(inputs.length)
  })

  it.each([
    ['a glob that matches nothing', 'none/**/*.jpg', /"none\/\*\*\/\*\.jpg" matches no files.*quote globs/],
    ['an empty folder', 'empty', /The folder "empty" contains no files/],
    ['a folder without images', 'texts', /The folder "texts" contains 2 files, but no image/],
    ['a glob without images', '*.md', /"\*\.md" matches 1 file, but no image/],
  ])('rejects %s, unless allowEmpty is set', async (_, input, message) => {
    const project = await makeProject()
    await project.touch('texts/a.txt', 'texts/b.txt', 'c.md', 'empty/.hidden/x.jpg', 'photo.jpg')
    const refused = await find(project, ['photo.jpg', input]).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'INVALID_USAGE', stage: 'plan', path: input })
    expect(refused).toHaveProperty('message', expect.stringMatching(message))
    const { found } = await find(project, ['photo.jpg', input], { allowEmpty: true })
    expect(found).toEqual(['photo.jpg'])
  })

  it('does not search output folders, unless they are the input itself', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg', 'photos/out/a.thumb.jpg', 'photos/outer/b.jpg')
    const outputs = [project.at('photos/out')]
    expect((await find(project, ['photos'], { outputs })).found).toEqual([
      'photos/a.jpg',
      'photos/outer/b.jpg',
    ])
    expect((await find(project, ['photos/out'], { outputs })).found).toEqual(['photos/out/a.thumb.jpg'])
  })

  it('leaves out ignored files, even if an input names them', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg', 'photos/private/b.jpg', 'photos/c.draft.jpg')
    const ignore = ['photos/private', '**/*.draft.jpg']
    expect((await find(project, ['photos', 'photos/c.draft.jpg'], { ignore })).found).toEqual([
      'photos/a.jpg',
    ])
  })

  it('accepts an input whose images are all ignored', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg', 'private/b.jpg', 'texts/c.txt')
    const ignore = ['private']
    expect((await find(project, ['photos', 'private'], { ignore })).found).toEqual(['photos/a.jpg'])
    await expect(find(project, ['photos', 'texts'], { ignore })).rejects.toMatchObject({
      code: 'INVALID_USAGE',
    })
  })

  it.each([
    [['photos', 'photos/2023/*.jpg'], 'photos'],
    [['photos/2023/**'], 'photos/2023'],
    [['photos/2023/a.jpg'], 'photos/2023'],
    [['photos/2023/a.jpg', 'photos'], 'photos/2023'],
    [['photos/2024', 'photos/2023'], 'photos/2023'],
  ])('finds for the first source of the inputs %j the base "%s"', async (inputs, base) => {
    const project = await makeProject()
    await project.touch('photos/2023/a.jpg', 'photos/2024/b.jpg', 'c.jpg')
    expect((await find(project, inputs)).base).toBe(base)
  })

  it('rejects with ABORTED if the signal is aborted', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    await expect(find(project, ['.'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })
})
