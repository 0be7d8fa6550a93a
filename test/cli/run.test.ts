import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { makeProject, type Project } from '../support/project.js'
import { imgproc, shell, type CommandOptions } from './command.js'

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/orientation/Landscape_1.jpg', 'photos/a.jpg', 'photos/Trip [Rome]/b (1).JPG')
  await project.copy('photos/alpha.png', 'photos/c.png')
  return project
}

/** Runs a command that must succeed. Returns the files in its output folder. */
async function make(project: Project, args: readonly string[], options?: CommandOptions): Promise<string[]> {
  const { code, stdout, stderr } = await imgproc(project, args, options)
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' })
  const files = await project.files(args[0] === 'thumbs' ? 'thumbs' : 'out')
  return files.filter((name) => name !== 'manifest.json')
}

async function sizeOf(project: Project, name: string): Promise<string> {
  const { width, height } = await sharp(project.at(name)).metadata()
  return `${width}x${height}`
}

describe('imgproc thumbs', () => {
  it('makes a thumbnail of every photo', async () => {
    const project = await makeProject()
    const photos = fileURLToPath(new URL('../../fixtures/photos', import.meta.url))
    await cp(photos, project.at('fixtures/photos'), { recursive: true })
    const { code, stderr } = await shell(
      project,
      "imgproc thumbs 'fixtures/photos/**' --preset thumb --no-progress",
    )
    expect(code, stderr).toBe(0)
    const sources = await project.files('fixtures/photos')
    const { entries } = await readManifest(project.at('thumbs/manifest.json'))
    expect(entries.map(({ source }) => source.path)).toEqual(sources.map((name) => `fixtures/photos/${name}`))
    const outputs = entries.flatMap((entry) => entry.outputs)
    for (const output of outputs) {
      expect(output).toMatchObject({ preset: 'thumb', status: 'ready' })
      const {
        width,
        height,
        pageHeight = height,
      } = await sharp(project.at(`thumbs/${output.path}`)).metadata()
      expect(Math.max(width, pageHeight), output.path).toBe(100)
    }
    expect(await project.files('thumbs')).toEqual(
      [...outputs.map(({ path }) => path), 'manifest.json'].toSorted(),
    )
    expect(stderr).toMatch(
      new RegExp(
        `^${sources.length} written from ${sources.length} images, .* img/s\\nmanifest thumbs/manifest.json\\nnext: imgproc report thumbs\\n$`,
      ),
    )
  })

  it('accepts another preset', async () => {
    const project = await makePhotos()
    expect(await make(project, ['thumbs', 'photos/c.png', '--preset', 'web'])).toEqual(['c.web.webp'])
  })

  it('processes the other inputs if one is missing, and exits with 1', async () => {
    const project = await makePhotos()
    const { code, stderr } = await imgproc(project, ['thumbs', 'missing.jpg', 'photos/a.jpg', 'photos/c.png'])
    expect(code).toBe(1)
    expect(stderr).toContain('2 written, 1 failed from 3 images')
    expect(stderr).toContain(
      'failed missing.jpg: INPUT_NOT_FOUND There is no file "missing.jpg". Check the path.\n',
    )
    expect(await project.files('thumbs')).toEqual(['a.thumb.jpg', 'c.thumb.png', 'manifest.json'])
    const { entries } = await readManifest(project.at('thumbs/manifest.json'))
    expect(entries.map(({ source }) => source.path)).toEqual(['photos/a.jpg', 'photos/c.png'])
  })

  it('processes the other images if one is broken, names it, and exits with 1', async () => {
    const project = await makePhotos()
    await project.copy('broken/truncated.jpg', 'photos/cut.jpg')
    const { code, stderr } = await imgproc(project, ['thumbs', 'photos', '--quiet'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^failed photos\/cut\.jpg: CORRUPT_IMAGE [^\n]+\n$/)
    expect(await project.files('thumbs')).toHaveLength(4)
  })
})

describe('operation flags', () => {
  it('run in the order typed', async () => {
    const project = await makePhotos()
    await make(project, ['run', 'photos/a.jpg', '--rotate', '90', '--thumbnail', '60x100'])
    expect(await sizeOf(project, 'out/a.jpg')).toBe('60x90')
    await make(project, ['run', 'photos/a.jpg', '--thumbnail', '60x100', '--rotate', '90'])
    expect(await sizeOf(project, 'out/a.jpg')).toBe('40x60')
  })

  it('take a word after a flag that accepts true as its value if it is one and no file', async () => {
    const project = await makePhotos()
    await make(project, ['run', 'photos/c.png', '--flatten', 'black'])
    const corner = sharp(project.at('out/c.png')).extract({ left: 0, top: 0, width: 1, height: 1 })
    expect([...(await corner.raw().toBuffer())]).toEqual([0, 0, 0])
    expect(await project.files('out')).toEqual(['c.png', 'manifest.json'])
  })

  it('need no value if they accept true, and take one after =', async () => {
    const project = await makePhotos()
    await make(project, ['run', '--grayscale', 'photos/a.jpg'])
    expect(await sharp(project.at('out/a.jpg')).metadata()).toMatchObject({ channels: 1, space: 'b-w' })
    await make(project, ['run', '--flatten=white', 'photos/c.png'])
    expect(await sharp(project.at('out/c.png')).metadata()).toMatchObject({ hasAlpha: false })
    const corner = sharp(project.at('out/c.png')).extract({ left: 0, top: 0, width: 1, height: 1 })
    expect([...(await corner.raw().toBuffer())]).toEqual([255, 255, 255])
  })

  it('run after those of presets in any position, and a format replaces theirs', async () => {
    const project = await makePhotos()
    const args = [
      'run',
      'photos/a.jpg',
      '--rotate',
      '90',
      '-p',
      'web,thumb',
      '--preset',
      'placeholder',
      '-f',
      'png',
    ]
    expect(await make(project, args)).toEqual(['a.placeholder.png', 'a.thumb.png', 'a.web.png'])
    expect(await sizeOf(project, 'out/a.thumb.png')).toBe('67x100')
  })

  it('combine with --widths, --formats and --quality', async () => {
    const project = await makePhotos()
    const shape = ['--widths', '50,100', '--formats', 'webp,jpeg', '--rotate', '90']
    expect(await make(project, ['run', 'photos/a.jpg', ...shape, '-q', '90'])).toEqual([
      'a-100w.jpg',
      'a-100w.webp',
      'a-50w.jpg',
      'a-50w.webp',
    ])
    expect(await sizeOf(project, 'out/a-100w.webp')).toBe('100x150')
    const large = await bytesOf(project)
    await make(project, ['run', 'photos/a.jpg', ...shape, '-q', '20'])
    expect(await bytesOf(project)).toBeLessThan(large)
  })
})

/** Returns the total bytes of all outputs. */
async function bytesOf(project: Project): Promise<number> {
  const { entries } = await readManifest(project.at('out/manifest.json'))
  const outputs = entries.flatMap((entry) => entry.outputs)
  return outputs.reduce((sum, output) => sum + (output.status === 'ready' ? output.bytes : 0), 0)
}

describe('inputs', () => {
  it('are read from a file or stdin, in addition to typed ones', async () => {
    const project = await makePhotos()
    await project.write('list.txt', 'photos/Trip [Rome]/b (1).JPG\r\n\nphotos/*.png\n')
    const all = ['a.thumb.jpg', 'b (1).thumb.jpg', 'c.thumb.png']
    expect(await make(project, ['thumbs', '--from', 'list.txt', 'photos/a.jpg'])).toEqual(all)
    const stdin = 'photos/a.jpg\nphotos/c.png'
    expect(await make(project, ['run', '--from', '-', '-p', 'web'], { stdin })).toEqual([
      'a.web.webp',
      'c.web.webp',
    ])
  })

  it('are excluded by globs, even if the shell has expanded them', async () => {
    const project = await makePhotos()
    await project.touch('photos/notes.txt')
    const line = "imgproc thumbs photos/* --ignore '**/*.png' --ignore 'photos/Trip*'"
    const { code, stderr } = await shell(project, line)
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('ignored 1 non-image file: 1 .txt\n')
    expect(await project.files('thumbs')).toEqual(['a.thumb.jpg', 'manifest.json'])
  })

  it('do not include outputs of an earlier run', async () => {
    const project = await makePhotos()
    const first = await make(project, ['thumbs', '.'])
    expect(await make(project, ['thumbs', '.'])).toEqual(first)
    expect(first).toEqual(['photos/Trip [Rome]/b (1).thumb.jpg', 'photos/a.thumb.jpg', 'photos/c.thumb.png'])
  })

  it('may match nothing with --allow-empty', async () => {
    const project = await makePhotos()
    const { code, stderr } = await imgproc(project, ['thumbs', 'none/**', '--allow-empty'])
    expect(code, stderr).toBe(0)
  })

  it('have limits of pixels and bytes', async () => {
    const project = await makePhotos()
    const failure = async (...args: string[]) => {
      const { code, stderr } = await imgproc(project, ['thumbs', 'photos/a.jpg', '--quiet', ...args])
      expect(code).toBe(1)
      return stderr
    }
    expect(await failure('--limit-pixels', '1000')).toContain('TOO_MANY_PIXELS')
    expect(await failure('--limit-bytes', '1KB')).toContain('INPUT_TOO_LARGE')
  })
})
