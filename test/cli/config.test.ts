import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { makeProject, type Project } from '../support/project.js'
import { imgproc, type CommandOptions } from './command.js'

const CONFIG = `
out: public/img
baseUrl: /img/
ignore: ['photos/private/**']
presets:
  card: { ops: [{ thumbnail: 50x50 }, { format: webp }] }
batches:
  - { inputs: ['photos/**'], presets: [card] }
  - { inputs: [logos], presets: [thumb], out: public/logos }
`

async function makeSite(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/sub/b.jpg', 'photos/private/c.jpg')
  await project.copy('photos/flat-art.png', 'logos/logo.png')
  await project.write('.imgprocrc.yaml', CONFIG)
  return project
}

async function make(project: Project, args: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stderr } = await imgproc(project, args, options)
  expect(code, stderr).toBe(0)
  return stderr
}

const MADE = [
  'img/a.card.webp',
  'img/manifest.json',
  'img/sub/b.card.webp',
  'logos/logo.thumb.png',
  'logos/manifest.json',
]

describe('config', () => {
  it.each(['.', 'photos/sub'])('is found from %s, and its paths are relative to it', async (cwd) => {
    const project = await makeSite()
    const before = await project.files()
    await make(project, ['run'], { cwd })
    expect(await project.files('public')).toEqual(MADE)
    expect(await project.files()).toEqual([...before, ...MADE.map((name) => `public/${name}`)].toSorted())
    const { entries } = await readManifest(project.at('public/img/manifest.json'))
    expect(entries.map(({ source, outputs }) => [source.path, outputs[0]])).toMatchObject([
      ['photos/a.jpg', { url: '/img/a.card.webp' }],
      ['photos/sub/b.jpg', { url: '/img/sub/b.card.webp' }],
    ])
  })

  it('keeps typed paths relative to the working directory', async () => {
    const project = await makeSite()
    await make(project, ['run', '.', '../logos/*', '-p', 'card', '--ignore', 'sub/*'], { cwd: 'photos' })
    expect(await project.files('public/img')).toEqual(['a.card.webp', 'logo.card.webp', 'manifest.json'])
    await make(project, ['run', 'b.jpg', '-p', 'card', '-o', 'here', '-m', 'list.json'], {
      cwd: 'photos/sub',
    })
    expect(await project.files('photos/sub')).toEqual(['b.jpg', 'here/b.card.webp', 'list.json'])
    const { entries } = await readManifest(project.at('photos/sub/list.json'))
    expect(entries[0]?.source.path).toBe('photos/sub/b.jpg')
  })

  it('has --out, --path and operations override those of its batches', async () => {
    const project = await makeSite()
    await make(project, [
      'run',
      '-o',
      'all',
      '--path',
      '{preset}/{name}.{ext}',
      '--rotate',
      '90',
      '--no-manifest',
    ])
    expect(await project.files('all')).toEqual(['card/a.webp', 'card/b.webp', 'thumb/logo.png'])
  })

  it('is named by a flag, else by the environment, else found', async () => {
    const project = await makeSite()
    await project.write('one/flag.json', '{ "out": "by-flag" }')
    await project.write('two/env.json', '{ "out": "by-env" }')
    const args = ['run', 'photos/a.jpg', '-p', 'thumb']
    const env = { IMGPROC_CONFIG: 'two/env.json' }
    await make(project, [...args, '-c', 'one/flag.json'], { env })
    expect(await project.files('one/by-flag')).toEqual(['a.thumb.jpg', 'manifest.json'])
    await make(project, args, { env })
    expect(await project.files('two/by-env')).toEqual(['a.thumb.jpg', 'manifest.json'])
    await make(project, args, { env: { IMGPROC_CONFIG: '' } })
    expect(await project.files('public/img')).toEqual(['a.thumb.jpg', 'manifest.json'])
  })

  it('is overridden by the environment, which is overridden by a flag', async () => {
    const project = await makeSite()
    await project.write('imgproc.config.json', '{ "concurrency": 1, "failOn": "none" }')
    await project.copy('broken/truncated.jpg', 'photos/cut.jpg')
    // The concurrency itself is not observable; an invalid value is rejected, if it is used.
    const wrong = { IMGPROC_CONCURRENCY: '0' }
    const args = ['thumbs', 'photos/cut.jpg', '-o', 'thumbs']
    expect((await imgproc(project, args, { env: wrong })).code).toBe(2)
    expect((await imgproc(project, [...args, '-j', '1'], { env: wrong })).code).toBe(0)
    expect((await imgproc(project, [...args, '--fail-on', 'error'])).code).toBe(1)
  })
})
