import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeProject, type Project } from '../support/project.js'
import { imgprocs } from './command.js'

const CONFIG = 'presets:\n  small: { ops: [{ thumbnail: 20 }] }\n'
const RUN = ['run', 'photos', '-p', 'small', '--quiet']
const CHECK = ['check', 'photos', '-p', 'small']

/** Creates a project whose outputs are up to date. */
async function makeUpToDate(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg')
  await project.write('.imgprocrc.yaml', CONFIG)
  const [done] = await imgprocs(project, [RUN])
  if (done?.code !== 0) throw new Error(done?.stderr)
  return project
}

describe('check', () => {
  it('succeeds after a run, and --dry-run counts the outputs as unchanged', async () => {
    const project = await makeUpToDate()
    const [check, dry] = await imgprocs(project, [CHECK, [...RUN.slice(0, 4), '--dry-run', '--json']])
    expect(check).toMatchObject({ code: 0, stdout: '' })
    expect(check?.stderr).toBe('0 missing or stale, 2 unchanged, from 2 images; nothing was written\n')
    expect(JSON.parse(dry?.stdout ?? '')).toEqual({ plan: { sources: 2, pending: 0, unchanged: 2 } })
  })

  it.each<[string, (project: Project) => Promise<void>, string]>([
    [
      'a source is edited',
      (project) => project.copy('photos/orientation/Landscape_1.jpg', 'photos/a.jpg'),
      'source changed  photos/a.jpg → a.small.jpg\n',
    ],
    [
      'an output is deleted',
      (project) => rm(project.at('out/a.small.jpg')),
      'output missing  photos/a.jpg → a.small.jpg\n',
    ],
    [
      'an output is overwritten',
      (project) => writeFile(project.at('out/b.small.jpg'), 'mine'),
      'output changed  photos/b.jpg → b.small.jpg\n',
    ],
    [
      'a preset is edited',
      (project) => project.write('.imgprocrc.yaml', CONFIG.replace('20', '21')),
      'recipe changed  photos/a.jpg → a.small.jpg\nrecipe changed  photos/b.jpg → b.small.jpg\n',
    ],
    [
      'a source of unknown format is added',
      (project) => project.copy('photos/grey.jpg', 'photos/c.jpg'),
      'new  photos/c.jpg → c.small.jpg\n',
    ],
    [
      'an analyzer is added',
      (project) => project.write('.imgprocrc.yaml', CONFIG.replace('] }', '], analyze: [entropy, phash] }')),
      'analysis missing  photos/a.jpg → entropy, phash\nanalysis missing  photos/b.jpg → entropy, phash\n',
    ],
  ])(
    'prints the reason and exits with 1 when %s, and succeeds after the next run',
    async (_, change, expected) => {
      const project = await makeUpToDate()
      await change(project)
      const before = await project.files()
      const [check] = await imgprocs(project, [CHECK])
      expect(check).toMatchObject({ code: 1, stdout: expected })
      expect(await project.files()).toEqual(before)
      const [dry, made, again] = await imgprocs(project, [[...RUN, '--dry-run'], RUN, CHECK])
      expect(dry).toMatchObject({ code: 0, stdout: expected, stderr: '' })
      expect(made?.code).toBe(0)
      expect(again).toMatchObject({ code: 0, stdout: '' })
    },
  )

  it('still fails for a permanent failure', async () => {
    const project = await makeUpToDate()
    await project.copy('broken/truncated.jpg', 'photos/broken.jpg')
    const [made, check] = await imgprocs(project, [RUN, CHECK])
    expect(made?.code).toBe(1)
    expect(check?.code).toBe(1)
    expect(check?.stdout).toContain('failed: CORRUPT_IMAGE  photos/broken.jpg')
  })
})

describe('imgproc check without a preset', () => {
  it('compares outputs and sources with the manifest of an earlier run', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg', 'photos/c.jpg', 'photos/d.jpg')
    const [, all, folder, photos] = await imgprocs(project, [
      ['thumbs', 'photos'],
      ['check'],
      ['check', 'thumbs'],
      ['check', 'photos', '--quiet'],
    ])
    expect(all).toMatchObject({ code: 0, stdout: '' })
    expect(all?.stderr).toBe(
      '0 missing or stale, 4 unchanged, from 4 images, by thumbs/manifest.json; nothing was written\n',
    )
    expect(folder).toMatchObject({ code: 0, stderr: all?.stderr })
    expect(photos).toMatchObject({ code: 0, stdout: '', stderr: '' })
    await rm(project.at('thumbs/a.thumb.jpg'))
    await rm(project.at('photos/b.jpg'))
    await project.copy('photos/landscape.jpg', 'photos/c.jpg', 'photos/new.jpg')
    const [stale, rest, none] = await imgprocs(project, [
      ['check', 'thumbs', '--quiet'],
      ['check', 'photos', '-o', 'thumbs', '--quiet'],
      ['check', 'photos', '-o', 'nowhere'],
    ])
    const lines = [
      'output missing  photos/a.jpg → a.thumb.jpg',
      'source gone     photos/b.jpg → b.thumb.jpg',
      'source changed  photos/c.jpg → c.thumb.jpg',
    ]
    expect(stale).toMatchObject({ code: 1, stdout: `${lines.join('\n')}\n` })
    const changed = [...lines, 'new             photos/new.jpg']
    expect(rest).toMatchObject({ code: 1, stdout: `${changed.join('\n')}\n` })
    expect(none?.code).toBe(2)
    expect(none?.stderr).toContain('There is no manifest in')
  })

  it('takes the folder that the config names', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg')
    await project.write('.imgprocrc.yaml', `out: public\n${CONFIG}`)
    const [, done] = await imgprocs(project, [RUN, ['check', 'public']])
    expect(done).toMatchObject({ code: 0, stdout: '' })
    await rm(project.at('public/a.small.jpg'))
    const [stale] = await imgprocs(project, [['check', 'public']])
    expect(stale).toMatchObject({ code: 1, stdout: 'output missing  photos/a.jpg → a.small.jpg\n' })
  })
})
