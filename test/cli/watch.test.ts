import type { ChildProcess } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProject, type Project } from '../support/project.js'
import { imgproc, imgprocs, type Ended } from './command.js'

const CARD = (
  width: number | string,
) => `presets: { card: { ops: [{ thumbnail: ${width} }], formats: [webp, jpeg] } }
batches: [{ inputs: [photos], presets: [card] }]
`

/** A command that watches, until the test ends it. */
interface Watching {
  /** What it has said since the last call, when that has a line like this. */
  readonly heard: (line: RegExp) => Promise<string>
  readonly stop: (signal: NodeJS.Signals) => Promise<Ended>
}

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg')
  await project.copy('photos/alpha.png', 'photos/b.png')
  return project
}

async function watchIn(project: Project, args: readonly string[]): Promise<Watching> {
  let said = ''
  let listen = () => {}
  let child: ChildProcess | undefined
  const ended = imgproc(project, args, {
    started(process) {
      child = process
      process.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        listen()
      })
    },
  })
  onTestFinished(() => void child?.kill('SIGKILL'))
  return {
    async heard(line) {
      while (!line.test(said)) {
        const more = new Promise<void>((resolve) => void (listen = resolve))
        const end = await Promise.race([more, ended])
        if (end !== undefined && !line.test(said)) throw new Error(`ended without ${line}: ${end.stderr}`)
      }
      const heard = said
      said = ''
      return heard
    },
    async stop(signal) {
      child?.kill(signal)
      return ended
    },
  }
}

describe('--watch', () => {
  it('tells in a line what it makes, what is gone and what fails, until Ctrl-C', async () => {
    const project = await makePhotos()
    const { heard, stop } = await watchIn(project, ['thumbs', 'photos', '--watch'])
    const first = await heard(/Ctrl-C/)
    expect(first).toMatch(/^2 written from 2 images, .*\nmanifest .*\nwatching 2 images, Ctrl-C ends it\n$/)

    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    expect(await heard(/\n/)).toMatch(/^made 1 rendition of photos\/a\.jpg \(\d+ ms\)\n$/)
    await rm(project.at('photos/b.png'))
    expect(await heard(/\n/)).toBe('photos/b.png is gone; its outputs stay\n')
    await project.write('photos/c.jpg', 'no picture')
    expect(await heard(/\n/)).toMatch(/^failed photos\/c\.jpg: UNSUPPORTED_FORMAT .*\n$/)
    // What has been told is not told again.
    await project.copy('photos/grey.jpg', 'photos/d.jpg')
    expect(await heard(/\n/)).toMatch(/^made 1 rendition of photos\/d\.jpg .*\n$/)

    const { code, signal } = await stop('SIGINT')
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' })
    expect(await heard(/^/)).toBe('')
    expect(await project.files('thumbs')).toEqual([
      'a.thumb.jpg',
      'b.thumb.png',
      'd.thumb.jpg',
      'manifest.json',
    ])
  })

  it('reads the config anew, says what is wrong in it, and waits until it is mended', async () => {
    const project = await makePhotos()
    await project.write('.imgprocrc.yaml', CARD(30))
    const { heard } = await watchIn(project, ['run', '--watch'])
    await heard(/Ctrl-C/)
    await project.write('.imgprocrc.yaml', CARD('wide'))
    const wrong = await heard(/waiting for a change that mends it\n/)
    expect(wrong).toMatch(/^error \.imgprocrc\.yaml: presets\.card\.ops\[0\].*wide/)
    await project.write('.imgprocrc.yaml', CARD(40))
    const mended = await heard(/a\.jpg[^]*b\.png|b\.png[^]*a\.jpg/)
    expect(mended).toContain('made 2 renditions of photos/a.jpg')
    await project.write('imgproc.config.json', '{ "presets": 5 }')
    expect(await heard(/mends it\n/)).toContain('imgproc.config.json: presets')
  })

  it('takes up a config where there was none, and a list of inputs that has changed', async () => {
    const project = await makePhotos()
    await project.write('list.txt', 'photos/a.jpg\n')
    const { heard } = await watchIn(project, ['thumbs', '--from', 'list.txt', '--watch'])
    await heard(/watching 1 image,/)
    await project.write('list.txt', 'photos/a.jpg\nphotos/b.png\n')
    expect(await heard(/\n/)).toMatch(/^made 1 rendition of photos\/b\.png/)
    await project.write(
      'imgproc.config.mjs',
      'export default { presets: { thumb: { ops: [{ thumbnail: 9 }] } } }',
    )
    await heard(/photos\/a\.jpg/)
    await project.write(
      'imgproc.config.mjs',
      'export default { presets: { thumb: { ops: [{ thumbnail: 7 }] } } }',
    )
    await heard(/photos\/a\.jpg/)
  })

  it('removes the outputs of what is gone with --prune', async () => {
    const project = await makePhotos()
    const { heard } = await watchIn(project, ['thumbs', 'photos', '--watch', '--prune'])
    await heard(/Ctrl-C/)
    await rm(project.at('photos/b.png'))
    expect(await heard(/removed/)).toBe('photos/b.png is gone\nremoved 1 output\n')
    expect(await project.files('thumbs')).toEqual(['a.thumb.jpg', 'manifest.json'])
  })

  it('writes JSON of what is made, and a summary of each rebuild', async () => {
    const project = await makePhotos()
    const { heard, stop } = await watchIn(project, ['thumbs', 'photos', '--watch', '--json'])
    await heard(/Ctrl-C/)
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    await heard(/c\.jpg/)
    const { stdout } = await stop('SIGTERM')
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(lines).toMatchObject([
      { source: expect.stringMatching(/a\.jpg|b\.png/) as string, status: 'ready' },
      { source: expect.stringMatching(/a\.jpg|b\.png/) as string, status: 'ready' },
      { summary: { renditions: { written: 2 } } },
      { source: 'photos/c.jpg', outputs: [{ action: 'written', path: 'c.thumb.jpg' }] },
      { summary: { renditions: { written: 1, unchanged: 2 } } },
    ])
  })

  it('is refused with 2 where there is nothing that it could watch or make', async () => {
    const project = await makePhotos()
    const refused = [
      { args: ['thumbs', 'photos', '--watch', '--check'], words: '--check' },
      { args: ['check', 'photos', '-p', 'thumb', '--watch'], words: '--watch' },
      { args: ['thumbs', 'photos', '--watch', '--no-manifest'], words: '--no-manifest' },
      { args: ['thumbs', 's3://shop/img/', '--watch'], words: 's3://shop/img/' },
      { args: ['thumbs', '-', '--watch'], words: 'stdin' },
      { args: ['thumbs', 'photos', '-p', 'thmb', '--watch'], words: 'thmb' },
    ]
    const commands = refused.map(({ args }) => args)
    const ended = await imgprocs(project, commands)
    expect(ended).toMatchObject(
      refused.map(({ words }) => ({ code: 2, stderr: expect.stringContaining(words) as string })),
    )
    expect(await project.files('thumbs')).toEqual([])
  })
})
