import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeProject, type Project } from '../support/project.js'
import { spawnImgproc } from './command.js'

/** Creates photos: two whose outputs collide if formats are kept, and a broken one. */
async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  const names = ['a.jpeg', 'a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg', 'f.jpg']
  await project.copy('photos/grey.jpg', ...names.map((name) => `photos/${name}`))
  await project.copy('broken/truncated.jpg', 'photos/broken.jpg')
  return project
}

interface Line {
  readonly source: string
  readonly status: string
  readonly analysis?: object
}

/** Returns `source status analysis` of each result of --json. */
function linesOf(stdout: string): string[] {
  const lines = stdout.trim().split('\n').slice(0, -1)
  const results = lines.map((line) => JSON.parse(line) as Line) // as --json writes it
  return results
    .map(({ source, status, analysis }) => `${source} ${status} ${JSON.stringify(analysis ?? {})}`)
    .toSorted()
}

// Kills its process at a file that ends in the byte 101.
const CRASH = `export default {
  summary: 'Dies.',
  analyze: (_, { bytes }) => (bytes.at(-1) === 101 ? process.kill(process.pid, 'SIGKILL') : 1),
}`

describe('--workers', () => {
  it('produces the manifest of a single process', async () => {
    const project = await makePhotos()
    const manifests: string[] = []
    for (const workers of ['0', '2']) {
      const flags = ['--thumbnail', '40', '--path', '{name}.{ext}', '--analyze', 'thumbhash', '--force']
      const { code } = await spawnImgproc(project, [
        'run',
        'photos',
        ...flags,
        '-o',
        'out',
        '--workers',
        workers,
      ])
      expect(code).toBe(1)
      manifests.push(await readFile(project.at('out/manifest.json'), 'utf8'))
    }
    expect(manifests[1]).toBe(manifests[0])
    // The output of a.jpg must not replace that of a.jpeg, whichever is first.
    expect(manifests[1]).toContain('OUTPUT_COLLISION')
  })

  it('fails the image that crashes its process, and makes it in a later run', async () => {
    const project = await makePhotos()
    const photo = await readFile(project.at('photos/e.jpg'))
    await project.write('photos/e.jpg', Buffer.concat([photo, Buffer.from('e')]))
    await project.write('crash.mjs', CRASH)
    await project.write('imgproc.config.json', '{"analyzers": {"crash": "./crash.mjs"}}')
    const args = ['run', 'photos/[b-f].jpg', '--thumbnail', '40', '-o', 'out', '--workers', '2', '--json']
    const first = await spawnImgproc(project, [...args, '--analyze', 'crash'])
    expect(first.code).toBe(1)
    expect(linesOf(first.stdout)).toEqual([
      'photos/b.jpg ready {"crash":1}',
      'photos/c.jpg ready {"crash":1}',
      'photos/d.jpg ready {"crash":1}',
      'photos/e.jpg failed {}',
      'photos/f.jpg ready {"crash":1}',
    ])
    expect(first.stderr).toMatch(/Making photos\/e\.jpg crashed its process twice \(SIGKILL\)/)
    const again = await spawnImgproc(project, args)
    expect(again.code).toBe(0)
    expect(linesOf(again.stdout)).toContain('photos/e.jpg ready {}')
  })

  it('distributes images to so many processes, or to none with 0 or few images', async () => {
    const project = await makePhotos()
    await project.write('who.mjs', 'export default { summary: "Who.", analyze: () => process.pid }')
    await project.write('imgproc.config.json', '{"analyzers": {"who": "./who.mjs"}}')
    const args = [
      'run',
      'photos/[b-f].jpg',
      '--thumbnail',
      '40',
      '-o',
      'out',
      '--analyze',
      'who',
      '--json',
      '--force',
    ]
    const count = async (...flags: string[]) => {
      const { stdout } = await spawnImgproc(project, [...args, ...flags])
      return new Set(linesOf(stdout).map((line) => line.split(' ')[2])).size
    }
    expect(await count()).toBe(1)
    expect(await count('--workers', '0')).toBe(1)
    expect(await count('--workers', '2')).toBe(2)
  })
})
