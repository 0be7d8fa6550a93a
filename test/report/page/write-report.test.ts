import { readFile, stat } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ReportData } from '../../../src/report/page/types.js'
import { writeReport, type ReportOptions } from '../../../src/report/page/write-report.js'
import { run } from '../../../src/run/run.js'
import { makeProject, type Project } from '../../support/project.js'

async function makeThumbs(
  project: Project,
  more: Partial<Parameters<typeof run>[0]> = {},
): Promise<ReportOptions> {
  const cwd = project.path
  const manifest = await run({ inputs: ['photos'], preset: 'thumb', out: 'thumbs', cwd, ...more }).manifest
  return {
    manifests: [{ manifest, folder: project.at('thumbs') }],
    root: cwd,
    file: project.at('thumbs/report.html'),
  }
}

async function readData(file: string): Promise<ReportData> {
  const page = await readFile(file, 'utf8')
  return JSON.parse(/<script id="data"[^>]*>([^<]*)</.exec(page)?.[1] ?? '') as ReportData // written by the report
}

describe('writeReport', () => {
  it('holds the pictures of a small run, and shows those that browsers do not by a preview', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await project.copy('photos/scan.tiff', 'photos/b.tiff')
    await project.copy('photos/drawing.svg', 'photos/c.svg')
    const options = await makeThumbs(project)
    const written = await writeReport(options)
    expect(written).toMatchObject({ sources: 3, isEmbedded: true, missing: [] })
    expect(written.bytes).toBe((await stat(options.file)).size)
    const { entries } = await readData(options.file)
    expect(entries.map(({ path, picture }) => [path, picture])).toEqual([
      ['photos/a.jpg', { block: 1 }],
      ['photos/b.tiff', { block: 3, isPreview: true }],
      ['photos/c.svg', { block: 5 }],
    ])
    const page = await readFile(options.file, 'utf8')
    const source = await readFile(project.at('photos/a.jpg'))
    expect(page).toContain(
      `<script id="picture-1" type="text/plain">data:image/jpeg;base64,${source.toString('base64')}<`,
    )
    expect(page).toContain('<script id="picture-3" type="text/plain">data:image/webp;base64,')
  })

  it('links to the files if asked for, by URLs relative to the page', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/50% #1?.jpg')
    const options = await makeThumbs(project)
    expect(await writeReport({ ...options, embed: false })).toMatchObject({ isEmbedded: false })
    const [entry] = (await readData(options.file)).entries
    expect(entry?.picture).toEqual({ url: '../photos/50%25%20%231%3F.jpg' })
    expect(entry?.outputs[0]?.picture).toEqual({ url: '50%25%20%231%3F.thumb.jpg' })
    expect((await stat(options.file)).size).toBeLessThan(60_000)
  })

  it('tells failures, also of files that no manifest lists', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await project.write('photos/b.jpg', 'no picture')
    const options = await makeThumbs(project)
    const error = {
      code: 'INPUT_NOT_FOUND',
      message: 'There is no file.',
      stage: 'read',
      retryable: false,
    } as const
    await writeReport({ ...options, failures: [{ path: 'photos/0.jpg', error }] })
    const { entries } = await readData(options.file)
    expect(entries.map(({ path, status, error: one }) => [path, status, one?.code])).toEqual([
      ['photos/0.jpg', 'failed', 'INPUT_NOT_FOUND'],
      ['photos/a.jpg', 'ready', undefined],
      ['photos/b.jpg', 'failed', 'UNSUPPORTED_FORMAT'],
    ])
  })

  it('tells the failure of a source that is cut off, and does not call its picture missing too', async () => {
    const project = await makeProject()
    // Too large to be held as it is, so that the page needs a preview.
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
    const whole = await sharp({
      create: { width: 1600, height: 1200, channels: 3, background: 'black', noise },
    })
      .jpeg()
      .toBuffer()
    await project.write('photos/cut.jpg', whole.subarray(0, whole.length - 50_000))
    const options = await makeThumbs(project)
    const written = await writeReport(options)
    const [cut] = (await readData(options.file)).entries
    expect([cut?.path, cut?.format, cut?.error?.code]).toEqual(['photos/cut.jpg', 'jpeg', 'CORRUPT_IMAGE'])
    expect(written.missing).toEqual([])
  })

  it('holds no file that is no picture, wherever a manifest leads, and names it', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await project.write('secret.jpg', 'a secret')
    const { manifests, ...options } = await makeThumbs(project)
    const [{ manifest, folder }] = manifests as [(typeof manifests)[0]] // makeThumbs gives one
    const [entry] = manifest.entries
    const source = { ...entry!.source, path: 'secret.jpg' }
    const changed = { ...manifest, entries: [{ ...entry!, source }] }
    const written = await writeReport({ ...options, manifests: [{ manifest: changed, folder }] })
    expect(written.missing).toEqual(['secret.jpg'])
    expect(await readFile(options.file, 'utf8')).not.toContain(Buffer.from('a secret').toString('base64'))
  })

  it('replaces its own page only, and refuses a name that is no page', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    const options = await makeThumbs(project)
    await writeReport(options)
    await writeReport(options)
    await project.write('index.html', '<h1>My site</h1>')
    await expect(writeReport({ ...options, file: project.at('index.html') })).rejects.toThrow(
      'is no report of imgproc',
    )
    await expect(writeReport({ ...options, file: project.at('photos/a.jpg') })).rejects.toThrow(
      'ends in .html',
    )
    expect(await readFile(project.at('index.html'), 'utf8')).toBe('<h1>My site</h1>')
  })
})
