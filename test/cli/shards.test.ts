import { readFile, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeProject, type Project } from '../support/project.js'
import { imgprocs } from './command.js'

const CONFIG = 'presets:\n  small: { ops: [{ thumbnail: 20 }] }\n'
const RUN = ['run', 'photos', '-p', 'small', '--no-progress']

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg', 'photos/c.jpg', 'photos/d.jpg')
  await project.write('.imgprocrc.yaml', CONFIG)
  return project
}

describe('--shard and merge', () => {
  it('produce the manifest of a whole run', async () => {
    const project = await makePhotos()
    const [, , merge, printed, whole] = await imgprocs(project, [
      [...RUN, '--shard', '1/2'],
      [...RUN, '--shard', '2/2'],
      ['merge', 'out/manifest-*-of-2.json', '-o', 'out/manifest.json'],
      ['merge', 'out/manifest.json', '--quiet'],
      [...RUN, '-m', 'out/whole.json', '--quiet'],
    ])
    expect(merge).toMatchObject({ code: 0, stdout: '' })
    expect(merge?.stderr).toBe('4 images from 2 manifests\nmanifest out/manifest.json\n')
    const text = await readFile(project.at('out/manifest.json'), 'utf8')
    expect(whole?.code).toBe(0)
    expect(text).toBe(await readFile(project.at('out/whole.json'), 'utf8'))
    expect(printed?.stderr).toBe('')
    expect(printed?.stdout).toBe(
      text.replaceAll('"path":"a.', '"path":"out/a.').replace(/"path":"([bcd])\./g, '"path":"out/$1.'),
    )
  })

  it('report missing shards and invalid arguments', async () => {
    const project = await makePhotos()
    const [, part, none, odd] = await imgprocs(project, [
      [...RUN, '--shard', '1/2'],
      ['merge', 'out/manifest-1-of-2.json', '-o', 'all.json'],
      ['merge', 'nothing.json'],
      [...RUN, '--shard', '3/2'],
    ])
    expect(part?.code).toBe(0)
    expect(part?.stderr).toContain('warning out/manifest-2-of-2.json is not given')
    expect(none).toMatchObject({
      code: 2,
      stderr: 'error There is no manifest at nothing.json. Check the path.\n',
    })
    expect(odd?.code).toBe(2)
    expect(odd?.stderr).toContain('"3/2" is not a shard. Expected INDEX/COUNT, such as 1/5 to 5/5.')
  })
})

describe('--prune', () => {
  it('lists pending removals with --dry-run, and counts removed outputs', async () => {
    const project = await makePhotos()
    await imgprocs(project, [RUN])
    await rm(project.at('photos/b.jpg'))
    const [dry, check, json, done, again] = await imgprocs(project, [
      [...RUN, '--prune', '--dry-run'],
      ['check', 'photos', '-p', 'small', '--prune', '--json'],
      [...RUN, '--check'],
      [...RUN, '--prune'],
      [...RUN, '--prune', '--json'],
    ])
    expect(dry).toMatchObject({ code: 0, stdout: 'remove: source gone  photos/b.jpg → b.small.jpg\n' })
    expect(dry?.stderr).toBe('0 to write, 1 to remove, 3 unchanged, from 3 images; nothing was written\n')
    expect(check?.code).toBe(1)
    expect(JSON.parse(check?.stdout.split('\n')[1] ?? '')).toEqual({
      plan: { sources: 3, pending: 0, unchanged: 3, prune: 1 },
    })
    expect(json?.code).toBe(0)
    expect(done?.stderr).toContain('0 written, 3 unchanged, 1 removed from')
    expect(JSON.parse(again?.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      summary: { pruned: 0 },
    })
  })

  it('keeps outputs of other presets without a config', async () => {
    const project = await makePhotos()
    await imgprocs(project, [RUN])
    await rm(project.at('.imgprocrc.yaml'))
    const [bare] = await imgprocs(project, [['thumbs', 'photos', '-o', 'out', '--prune', '--quiet']])
    expect(bare).toMatchObject({ code: 0, stderr: '' })
    expect(await project.files('out')).toContain('a.small.jpg')
    await project.write('.imgprocrc.yaml', 'batches: [{ inputs: [photos], presets: [thumb] }]\n')
    await imgprocs(project, [['run', '--prune', '--quiet']])
    expect((await project.files('out')).filter((name) => name.includes('small'))).toEqual([])
  })
})

describe('--bail and --max-failures', () => {
  it('stop the run, report it and exit with 1', async () => {
    const project = await makePhotos()
    await project.touch('photos/0.jpg', 'photos/1.jpg', 'photos/2.jpg')
    const [bail, most, odd] = await imgprocs(project, [
      [...RUN, '-j', '1', '--bail'],
      [...RUN, '-j', '1', '--force', '--max-failures', '1'],
      [...RUN, '--max-failures', 'many'],
    ])
    expect(bail?.code).toBe(1)
    expect(bail?.stderr).toMatch(/\nstopped after the first failure \(--bail\): \d images? not processed\n/)
    expect(most?.code).toBe(1)
    expect(most?.stderr).toMatch(
      /\nstopped after \d failed images \(--max-failures\): \d images? not processed\n/,
    )
    expect(odd?.code).toBe(2)
    expect(odd?.stderr).toContain('Expected a number such as 20, or a percentage such as 5%.')
  })
})
