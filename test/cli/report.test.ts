import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { imgproc } from './command.js'

describe('imgproc report', () => {
  it('writes a page beside the manifest, prints its name, and the command for the markup', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await imgproc(project, ['thumbs', 'photos'])
    const { code, stdout, stderr } = await imgproc(project, ['report'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'thumbs/report.html\n' })
    expect(stderr).toMatch(
      /^1 source, \d+ kB; all pictures are in the page\nnext: imgproc markup thumbs photos\/a\.jpg --alt '/,
    )
    expect(await project.files('thumbs')).toContain('report.html')
  })

  it('takes a manifest by its folder, another page, and tells of pictures that are not there', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await imgproc(project, ['thumbs', 'photos', '-o', 'small'])
    const { stdout, stderr } = await imgproc(
      project,
      ['report', '../small', '-o', 'look.html', '--no-embed'],
      {
        cwd: 'photos',
      },
    )
    expect(stdout).toBe('look.html\n')
    expect(stderr).toContain('pictures are linked: keep the page where it is')
    expect(stderr).toContain('warning 1 picture could not be shown: photos/a.jpg.')
  })
})

describe('--report', () => {
  it('writes a page about the run and its failures, whether anything changed or not', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg')
    const args = ['run', 'a.jpg', 'gone.jpg', '--resize', '50', '-o', 'out', '--report', 'look.html']
    const first = await imgproc(project, args)
    expect(first.code).toBe(1)
    expect(first.stderr).toContain('report look.html')
    expect(first.stderr).not.toContain('next:')
    const page = await readFile(project.at('look.html'), 'utf8')
    expect(page).toContain('"path":"gone.jpg","status":"failed"')
    const again = await imgproc(project, ['run', 'a.jpg', '--resize', '50', '--report', 'look.html'])
    expect(again.stderr).toMatch(/^0 written, 1 unchanged[^]*report look\.html/)
  })

  it('shows all output folders of a config', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg', 'b.jpg')
    const batches = ['a', 'b'].map((name) => ({
      inputs: `${name}.jpg`,
      presets: 'thumb',
      out: `out-${name}`,
    }))
    await project.write('imgproc.config.json', JSON.stringify({ batches }))
    const { code } = await imgproc(project, ['run', '--report', 'look.html'])
    expect(code).toBe(0)
    const page = await readFile(project.at('look.html'), 'utf8')
    expect(page).toContain('"title":"out-a, out-b"')
    expect(page.match(/"status":"ready"/g)).toHaveLength(2)
  })

  it.each([
    [['--no-manifest'], '--report needs a manifest'],
    [['--dry-run'], 'is written after a run'],
    [['--watch'], 'is written after a run'],
    [['--shard', '1/2'], 'Merge the manifests'],
    [['-o', 's3://bucket/x'], 'shows files of this disk'],
    [['-o', 'a.webp'], 'needs a manifest'],
  ])('is refused with %j, before anything is made', async (flags, message) => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg')
    const { code, stderr } = await imgproc(project, [
      'run',
      'a.jpg',
      '--resize',
      '50',
      ...flags,
      '--report',
      'r.html',
    ])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(await project.files()).toEqual(['a.jpg'])
  })
})
