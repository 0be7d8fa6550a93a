import type { ChildProcess } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProject, type Project } from '../support/project.js'
import { imgproc, imgprocs } from './command.js'
import type { Ended } from './in-process.js'

const CARD = (
  width: number | string,
) => `presets: { card: { ops: [{ thumbnail: ${width} }], formats: [webp, jpeg] } }
batches: [{ inputs: [photos], presets: [card] }]
`

/** A command with --watch, which is killed at the end of the test. */
interface Watching {
  /** Waits for a line on stderr. Resolves with the text since the last call. */
  readonly waitFor: (line: RegExp) => Promise<string>
  readonly stop: (signal: NodeJS.Signals) => Promise<Ended>
}

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg')
  await project.copy('photos/alpha.png', 'photos/b.png')
  return project
}

async function watchIn(project: Project, args: readonly string[]): Promise<Watching> {
  let stderr = ''
  let listen = () => {}
  let child: ChildProcess | undefined
  const ended = imgproc(project, args, {
    started(process) {
      child = process
      process.stderr?.on('data', (chunk: Buffer) => {
        stderr += chunk.toString()
        listen()
      })
    },
  })
  onTestFinished(() => void child?.kill('SIGKILL'))
  return {
    async waitFor(line) {
      while (!line.test(stderr)) {
        const more = new Promise<void>((resolve) => void (listen = resolve))
        const end = await Promise.race([more, ended])
        if (end !== undefined && !line.test(stderr)) throw new Error(`ended without ${line}: ${end.stderr}`)
      }
      const text = stderr
      stderr = ''
      return text
    },
    async stop(signal) {
      child?.kill(signal)
      return ended
    },
  }
}

describe('--watch', () => {
  it('prints a line for written, removed and failed images, until Ctrl-C', async () => {
    const project = await makePhotos()
    const { waitFor, stop } = await watchIn(project, ['thumbs', 'photos', '--watch'])
    const first = await waitFor(/Ctrl-C/)
    expect(first).toMatch(
      /^2 written from 2 images, .*\nmanifest .*\nwatching 2 images; press Ctrl-C to stop\n$/,
    )

    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    expect(await waitFor(/\n/)).toMatch(/^wrote 1 rendition of photos\/a\.jpg \(\d+ ms\)\n$/)
    await rm(project.at('photos/b.png'))
    expect(await waitFor(/\n/)).toBe('photos/b.png was removed; its outputs are kept\n')
    await project.write('photos/c.jpg', 'no picture')
    expect(await waitFor(/\n/)).toMatch(/^failed photos\/c\.jpg: UNSUPPORTED_FORMAT .*\n$/)
    // A failure is printed only once.
    await project.copy('photos/grey.jpg', 'photos/d.jpg')
    expect(await waitFor(/\n/)).toMatch(/^wrote 1 rendition of photos\/d\.jpg .*\n$/)

    const { code, signal } = await stop('SIGINT')
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' })
    expect(await waitFor(/^/)).toBe('')
    expect(await project.files('thumbs')).toEqual([
      'a.thumb.jpg',
      'b.thumb.png',
      'd.thumb.jpg',
      'manifest.json',
    ])
  })

  it('reads the config again, reports an error in it, and continues when it is fixed', async () => {
    const project = await makePhotos()
    await project.write('.imgprocrc.yaml', CARD(30))
    const { waitFor } = await watchIn(project, ['run', '--watch'])
    await waitFor(/Ctrl-C/)
    await project.write('.imgprocrc.yaml', CARD('wide'))
    const wrong = await waitFor(/waiting for changes\n/)
    expect(wrong).toMatch(/^error \.imgprocrc\.yaml: presets\.card\.ops\[0\].*wide/)
    await project.write('.imgprocrc.yaml', CARD(40))
    const fixed = await waitFor(/a\.jpg[^]*b\.png|b\.png[^]*a\.jpg/)
    expect(fixed).toContain('wrote 2 renditions of photos/a.jpg')
    await project.write('imgproc.config.json', '{ "presets": 5 }')
    expect(await waitFor(/waiting for changes\n/)).toContain('imgproc.config.json: presets')
  })

  it('uses a new config, and a changed list of inputs', async () => {
    const project = await makePhotos()
    await project.write('list.txt', 'photos/a.jpg\n')
    const { waitFor } = await watchIn(project, ['thumbs', '--from', 'list.txt', '--watch'])
    await waitFor(/watching 1 image;/)
    await project.write('list.txt', 'photos/a.jpg\nphotos/b.png\n')
    expect(await waitFor(/\n/)).toMatch(/^wrote 1 rendition of photos\/b\.png/)
    await project.write(
      'imgproc.config.mjs',
      'export default { presets: { thumb: { ops: [{ thumbnail: 9 }] } } }',
    )
    await waitFor(/photos\/a\.jpg/)
    await project.write(
      'imgproc.config.mjs',
      'export default { presets: { thumb: { ops: [{ thumbnail: 7 }] } } }',
    )
    await waitFor(/photos\/a\.jpg/)
  })

  it('removes the outputs of removed images with --prune', async () => {
    const project = await makePhotos()
    const { waitFor } = await watchIn(project, ['thumbs', 'photos', '--watch', '--prune'])
    await waitFor(/Ctrl-C/)
    await rm(project.at('photos/b.png'))
    expect(await waitFor(/removed 1/)).toBe('photos/b.png was removed\nremoved 1 output\n')
    expect(await project.files('thumbs')).toEqual(['a.thumb.jpg', 'manifest.json'])
  })

  it('prints JSON of results, and a summary of each rebuild', async () => {
    const project = await makePhotos()
    const { waitFor, stop } = await watchIn(project, ['thumbs', 'photos', '--watch', '--json'])
    await waitFor(/Ctrl-C/)
    await project.copy('photos/grey.jpg', 'photos/c.jpg')
    await waitFor(/c\.jpg/)
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

  it('exits with 2 for options and inputs that cannot be watched', async () => {
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
