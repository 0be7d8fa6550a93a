import { stat } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeBucket, startS3, TEST_KEYS } from '../stores/s3/setup.js'
import { makeProject, type Project } from '../support/project.js'
import { imgproc, type CommandOptions } from './command.js'

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/orientation/Landscape_1.jpg', 'photos/a.jpg')
  await project.copy('photos/alpha.png', 'photos/c.png')
  return project
}

/** Runs a command that must succeed. Returns the project's files without its photos. */
async function make(project: Project, args: readonly string[], options?: CommandOptions): Promise<string[]> {
  const { code, stderr } = await imgproc(project, args, options)
  expect(code, stderr).toBe(0)
  return (await project.files()).filter((name) => !name.startsWith('photos/'))
}

async function errorOf(project: Project, args: readonly string[]): Promise<string> {
  const before = await project.files()
  const { code, stderr } = await imgproc(project, args)
  expect(code, stderr).toBe(2)
  expect(await project.files()).toEqual(before)
  return stderr
}

async function formatOf(project: Project, name: string): Promise<string> {
  const { format, width, height } = await sharp(project.at(name)).metadata()
  return `${format} ${width}x${height}`
}

describe('--out with the name of an image', () => {
  it('writes one file in the format of its extension, and no manifest', async () => {
    const project = await makePhotos()
    expect(await make(project, ['run', 'photos/a.jpg', '-o', 'out.webp'])).toEqual(['out.webp'])
    expect(await formatOf(project, 'out.webp')).toBe('webp 240x160')
    await make(project, ['run', 'photos/a.jpg', '--resize', '100', '-o', 'web/{a}.jpeg'])
    expect(await formatOf(project, 'web/{a}.jpeg')).toBe('jpeg 100x67')
    await make(project, ['thumbs', 'photos/c.png', '-o', 'c.avif'])
    expect(await project.files()).toEqual([
      'c.avif',
      'out.webp',
      'photos/a.jpg',
      'photos/c.png',
      'web/{a}.jpeg',
    ])
  })

  it('overwrites the file of an earlier run, and keeps a manifest only if one is named', async () => {
    const project = await makePhotos()
    await make(project, ['run', 'photos/a.jpg', '-o', 'out.png'])
    await make(project, ['run', 'photos/a.jpg', '--resize', '50', '-o', 'out.png'])
    expect(await formatOf(project, 'out.png')).toBe('png 50x33')
    expect(await make(project, ['run', 'photos/a.jpg', '-o', 'out.png', '-m', 'list.json'])).toContain(
      'list.json',
    )
  })

  it('takes encoder options of that format, typed or of the preset, and its one input from a glob', async () => {
    const project = await makePhotos()
    const bytes = async (...args: string[]) => {
      await make(project, ['run', 'photos/*.jpg', ...args])
      return (await stat(project.at('o.webp'))).size
    }
    expect(await bytes('-f', 'webp:quality=10', '-o', 'o.webp')).toBeLessThan(await bytes('-o', 'o.webp'))
    const low = ['-c', 'low.yaml', '-p', 'low', '-o', 'o.webp']
    await project.write(
      'low.yaml',
      'presets: { low: { ops: [{ thumbnail: 999 }, { format: "webp:quality=10" }] } }',
    )
    expect(await bytes(...low)).toBe(await bytes('-f', 'webp:quality=10', '-o', 'o.webp'))
  })

  it('stays a folder if it is one, or ends with a slash', async () => {
    const project = await makePhotos()
    expect(await make(project, ['thumbs', 'photos/a.jpg', '-o', 'new.webp/', '--no-manifest'])).toEqual([
      'new.webp/a.thumb.jpg',
    ])
    expect(await make(project, ['thumbs', 'photos/c.png', '-o', 'new.webp', '--no-manifest'])).toEqual([
      'new.webp/a.thumb.jpg',
      'new.webp/c.thumb.png',
    ])
  })

  it('is refused for several outputs, another format, a template, or a format without an encoder', async () => {
    const project = await makePhotos()
    expect(await errorOf(project, ['run', 'photos', '-o', 'o.webp'])).toContain(
      '--out o.webp names one file, but 2 outputs would be made from 2 images. Name a folder, such as --out o,',
    )
    expect(await errorOf(project, ['run', 'photos/a.jpg', '-p', 'responsive', '-o', 'o.webp'])).toContain(
      'but 5 outputs',
    )
    expect(await errorOf(project, ['run', 'photos/a.jpg', '-f', 'png', '-o', 'o.webp'])).toContain(
      'The format png contradicts --out o.webp.',
    )
    expect(await errorOf(project, ['run', 'photos/a.jpg', '-o', 'o.heic'])).toContain(
      'o.heic cannot be written',
    )
    expect(await errorOf(project, ['run', 'photos/a.jpg', '-o', 'o.webp', '--path', '{name}'])).toContain(
      '--path cannot be combined with --out o.webp',
    )
    expect(await errorOf(project, ['run', 'photos/a.jpg', '--flip', '-o', 'photos/a.jpg'])).toContain(
      'would overwrite its own source',
    )
  })

  it('is named in the error if it was typed as a second input', async () => {
    const project = await makePhotos()
    expect(await errorOf(project, ['run', 'photos/a.jpg', 'out.webp', '--flip'])).toBe(
      'error There is no file "out.webp". Each word is an input. To write to out.webp, type -o out.webp\n',
    )
  })
})

describe('--out with the URL of an image', () => {
  let server: Awaited<ReturnType<typeof startS3>>
  beforeAll(async () => {
    server = await startS3()
  })
  afterAll(() => server.stop())

  it('writes one object', async () => {
    const project = await makePhotos()
    const bucket = await makeBucket(server.endpoint)
    const url = `s3://${bucket.name}/img/out.webp`
    const s3 = ['--s3-endpoint', server.endpoint]
    const env = TEST_KEYS
    await make(project, ['run', 'photos/a.jpg', '-o', url, ...s3], { env })
    await make(project, ['run', url, '-o', 'back.png', ...s3], { env })
    expect(await formatOf(project, 'back.png')).toBe('png 240x160')
  })
})
