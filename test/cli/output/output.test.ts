import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../../src/manifest/read-manifest.js'
import { makeProject, type Project } from '../../support/project.js'
import { BIN, imgproc, shell } from '../command.js'

async function makePhotos(count = 3): Promise<Project> {
  const project = await makeProject()
  const names = Array.from({ length: count }, (_, index) => `photos/${index + 10}.jpg`)
  await project.copy('photos/orientation/Landscape_1.jpg', ...names)
  return project
}

describe('output of a run', () => {
  it('prints counts, failures and the manifest to stderr', async () => {
    const project = await makePhotos()
    await project.copy('broken/empty.jpg', 'photos/20.jpg')
    await project.touch('photos/notes.txt', 'photos/more.txt', 'photos/clip.mp4')
    const { code, stdout, stderr } = await imgproc(project, ['thumbs', 'photos'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.replaceAll(/[\d.]+ (s|img\/s|k?B)\b/g, '# $1')).toMatchInlineSnapshot(`
      "3 written, 1 failed from 4 images, # kB → # kB, # s, # img/s
      ignored 3 non-image files: 2 .txt, 1 .mp4
      failed photos/20.jpg: CORRUPT_IMAGE The file is empty (0 bytes). Copy or download it again.
      help: imgproc explain CORRUPT_IMAGE
      manifest thumbs/manifest.json
      next: imgproc report thumbs
      "
    `)
  })

  it('prints a JSON line for each source and the summary to stdout with --json', async () => {
    const project = await makePhotos()
    await project.copy('broken/empty.jpg', 'photos/20.jpg')
    const { code, stdout } = await imgproc(project, ['thumbs', 'photos', '--json', '--quiet'])
    expect(code).toBe(1)
    expect(stdout.endsWith('}\n')).toBe(true)
    const lines = stdout.trimEnd().split('\n')
    const [last, ...results] = lines.map((line): unknown => JSON.parse(line)).toReversed()
    expect(last).toMatchObject({
      summary: { sources: { total: 4, ready: 3, failed: 1 }, renditions: { written: 3, failed: 1 } },
    })
    expect(results).toHaveLength(4)
    expect(results).toContainEqual({
      source: 'photos/10.jpg',
      status: 'ready',
      outputs: [
        expect.objectContaining({ action: 'written', preset: 'thumb', path: '10.thumb.jpg', width: 100 }),
      ],
      ms: expect.any(Number) as number,
    })
    expect(results).toContainEqual({
      source: 'photos/20.jpg',
      status: 'failed',
      outputs: [],
      error: expect.objectContaining({ code: 'CORRUPT_IMAGE', stage: 'decode', retryable: false }) as object,
      ms: expect.any(Number) as number,
    })
  })

  it('prints nothing with --quiet if nothing fails', async () => {
    const ended = await imgproc(await makePhotos(), ['thumbs', 'photos', '--quiet'])
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })

  it('prints a line for each output with --verbose', async () => {
    const project = await makePhotos(1)
    const wide = ['--widths', '100,400,800', '-f', 'webp', '--verbose']
    const { stderr } = await imgproc(project, ['run', 'photos', ...wide])
    expect(stderr).toMatch(/^written photos\/10\.jpg → 10-100w\.webp 100x67 [\d.]+ k?B$/m)
    expect(stderr).toMatch(
      /^skipped photos\/10\.jpg → 10-\{width\}w\.webp: the picture is only 240 px wide$/m,
    )
    expect(stderr.match(/ \d+ ms$/gm)).toHaveLength(1)
    expect(stderr).toMatch(/^2 written, 1 size above the source's left out from 1 image, /m)
    const again = (await imgproc(project, ['run', 'photos', ...wide.slice(0, -1)])).stderr
    expect(again).toMatch(
      /^0 written, 2 unchanged, 1 size above the source's left out from 1 image, [\d.]+ s$/m,
    )
  })

  it('contains no stack traces, and the manifest no absolute paths', async () => {
    const project = await makePhotos(1)
    for (const name of ['empty.jpg', 'garbage.png', 'text.jpg', 'truncated.jpg', 'truncated.png'])
      await project.copy(`broken/${name}`, `photos/${name}`)
    const inputs = ['photos', 'missing.jpg', project.at('photos/gone.jpg')]
    const { code, stderr } = await imgproc(project, ['thumbs', ...inputs])
    expect(code).toBe(1)
    expect(stderr.match(/^failed .*/gm)).toHaveLength(7)
    expect(stderr).not.toMatch(/^\s+at |node_modules|Error:/m)
    expect(await readFile(project.at('thumbs/manifest.json'), 'utf8')).not.toContain(project.path)
  })
})

describe('output of many failures', () => {
  const named = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => `photos/${kind}-${index + 10}.jpg`)

  it('shows one of each kind, the most frequent first, while --json lists all', async () => {
    const project = await makePhotos(1)
    await project.copy('broken/text.jpg', ...named('a-text', 2))
    await project.copy('broken/empty.jpg', ...named('empty', 19))
    const { stdout, stderr } = await imgproc(project, ['thumbs', 'photos', '--json'])
    expect(stderr.split('\n').slice(1, -2)).toEqual([
      expect.stringMatching(/^failed photos\/empty-10\.jpg: CORRUPT_IMAGE The file is empty/),
      '       and 18 more like it: photos/empty-11.jpg, photos/empty-12.jpg, photos/empty-13.jpg …',
      expect.stringMatching(/^failed photos\/a-text-10\.jpg: UNSUPPORTED_FORMAT /),
      '       and 1 more like it: photos/a-text-11.jpg',
      'all 21 are listed by --json, and in the manifest',
      'help: imgproc explain CORRUPT_IMAGE UNSUPPORTED_FORMAT',
    ])
    expect(stdout.match(/"status":"failed"/g)).toHaveLength(21)
  })

  it('shows all of up to 20 failures, or of more with --verbose', async () => {
    const project = await makePhotos(1)
    await project.copy('broken/empty.jpg', ...named('empty', 20))
    const lines = async (...args: string[]) =>
      (await imgproc(project, ['thumbs', 'photos', ...args])).stderr.match(/^failed .*: CORRUPT_IMAGE/gm)
    expect(await lines()).toHaveLength(20)
    await project.copy('broken/empty.jpg', 'photos/one-more.jpg')
    expect(await lines()).toHaveLength(1)
    expect(await lines('--verbose')).toHaveLength(21)
  })
})

describe('manifest flags', () => {
  it('write the manifest to another file, or not at all', async () => {
    const project = await makePhotos(1)
    const { stderr } = await imgproc(project, ['thumbs', 'photos', '-m', 'data/list.json'])
    expect(stderr).toMatch(/^manifest data\/list\.json$/m)
    const { entries } = await readManifest(project.at('data/list.json'))
    expect(entries[0]?.outputs[0]?.path).toBe('../thumbs/10.thumb.jpg')
    expect((await imgproc(project, ['run', 'photos', '-p', 'thumb', '--no-manifest'])).stderr).not.toContain(
      'manifest',
    )
    expect(await project.files('out')).toEqual(['10.thumb.jpg'])
  })
})

describe('closed stdout', () => {
  it('stops a run without an error, with a manifest of its outputs', async () => {
    const project = await makePhotos(60)
    const { stdout, stderr } = await shell(project, 'imgproc thumbs photos --json -j 2 | head -n 1')
    expect(JSON.parse(stdout)).toMatchObject({ status: 'ready' })
    expect(stderr).toBe('')
    const { entries } = await readManifest(project.at('thumbs/manifest.json'))
    const listed = entries.flatMap(({ outputs }) => outputs.map(({ path }) => path))
    expect(await project.files('thumbs')).toEqual([...listed, 'manifest.json'])
  })

  it('stops a list without an error', async () => {
    const { stderr } = await shell(await makeProject(), 'imgproc list ops --json | head -n 1')
    expect(stderr).toBe('')
  })
})

// script of util-linux runs the command in a pseudo-terminal.
const hasScript = process.platform === 'linux' && has('script')

describe.runIf(hasScript)('terminal output', () => {
  it.each([
    ['has colours', {}, [], true],
    ['has no colours with NO_COLOR', { NO_COLOR: '1' }, [], false],
    ['has no colours with --no-color', {}, ['--no-color'], false],
  ])('%s', async (_, env, args, coloured) => {
    const project = await makePhotos()
    const words = [process.execPath, BIN, 'thumbs', 'photos', ...args].map((word) => `"${word}"`)
    const { stdout } = await shell(project, `script -qec '${words.join(' ')}' /dev/null`, {
      env: { TERM: 'xterm', ...env },
    })
    expect(stdout).toContain('3 written')
    // The code of green; the progress bar has other escape sequences.
    expect(stdout.includes('\u001B[32m')).toBe(coloured)
    expect(stdout).toMatch(/\d\/3 {2}\d+ s/)
  })
})

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
