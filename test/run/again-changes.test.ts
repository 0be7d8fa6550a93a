import { rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import {
  makePhotos,
  manifestOf,
  OPTIONS,
  pendingIn,
  replaceBySameSize,
  runIn,
  touch,
  writtenOf,
} from '../support/run-again.js'

describe('a rerun with a source narrower than the widths', () => {
  it.each([true, false])('skips the same widths again (autoOrient: %s)', async (autoOrient) => {
    const project = await makePhotos()
    await project.copy('photos/orientation/Landscape_6.jpg', 'photos/turned.jpg')
    const presets = { wide: { ops: [{ autoOrient }], widths: [700, 900], formats: ['webp' as const] } }
    const options = { preset: 'wide', presets }
    const first = await runIn(project, options)
    expect(first.summary).toMatchObject({ renditions: { written: 4, skipped: 4, failed: 0 } })
    const { text } = await manifestOf(project)
    const second = await runIn(project, options)
    expect(second.summary).toMatchObject({ renditions: { written: 0, unchanged: 4, skipped: 4, failed: 0 } })
    expect((await manifestOf(project)).text).toBe(text)
  })
})

describe('a rerun after a source changed', () => {
  it('keeps the outputs of a source with a new mtime, and does not open it in the next run', async () => {
    const project = await makePhotos()
    await runIn(project)
    const before = await manifestOf(project)
    await touch(project, 'photos/a.jpg')
    expect((await runIn(project)).summary.renditions).toMatchObject({ written: 0, unchanged: 12 })
    expect(await manifestOf(project)).toEqual(before)
    // A fingerprint that only the content could contradict. The run would notice it only if it opened the file.
    const { text } = await manifestOf(project)
    await writeFile(
      project.at('out/manifest.json'),
      text.replaceAll(/sha256:[0-9a-f]{8}/g, 'sha256:00000000'),
    )
    expect((await runIn(project)).summary.renditions).toMatchObject({ written: 0, unchanged: 12, failed: 0 })
  })

  it('renders only the changed source again, even if its size is the same', async () => {
    const project = await makePhotos()
    await runIn(project)
    await project.copy('photos/orientation/Landscape_6.jpg', 'photos/a.jpg')
    expect(new Set(await pendingIn(project))).toEqual(
      new Set(['source changed: photos/a.jpg small', 'source changed: photos/a.jpg wide']),
    )
    const changed = ['photos/a.jpg small', ...Array<string>(3).fill('photos/a.jpg wide')]
    expect(writtenOf((await runIn(project)).results)).toEqual(changed)
    await replaceBySameSize(project, 'photos/a.jpg')
    const { results } = await runIn(project)
    expect(new Set(writtenOf(results))).toEqual(new Set(changed))
    expect((await sharp(project.at('out/a.small.jpg')).stats()).dominant.r).toBeGreaterThan(200)
  })

  it('marks the outputs of presets that did not run as stale', async () => {
    const project = await makePhotos()
    await runIn(project)
    await replaceBySameSize(project, 'photos/a.jpg')
    await runIn(project, { preset: 'small' })
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries[0]?.outputs.map(({ preset, ...rest }) => [preset, 'stale' in rest])).toEqual([
      ['small', false],
      ['wide', true],
      ['wide', true],
      ['wide', true],
    ])
    expect(await pendingIn(project, { preset: 'small' })).toEqual([])
    expect(new Set(await pendingIn(project))).toEqual(new Set(['source changed: photos/a.jpg wide']))
  })
})

describe('a rerun after an output changed', () => {
  it.each<[string, string, (path: string) => Promise<void>]>([
    ['was removed', 'output missing', (path) => rm(path)],
    ['was truncated', 'output changed', (path) => truncate(path, 10)],
    ['was overwritten', 'output changed', (path) => writeFile(path, Buffer.alloc(100_000))],
  ])('renders only the output that %s', async (_, reason, change) => {
    const project = await makePhotos()
    await runIn(project)
    const before = await manifestOf(project)
    await change(project.at('out/sub/b.small.jpg'))
    expect(await pendingIn(project)).toEqual([`${reason}: photos/sub/b.jpg small`])
    expect(writtenOf((await runIn(project)).results)).toEqual(['photos/sub/b.jpg small'])
    expect(await manifestOf(project)).toEqual(before)
  })
})

describe('a rerun after a preset changed', () => {
  it('renders only the outputs of that preset again', async () => {
    const project = await makePhotos()
    await runIn(project)
    const presets = { ...OPTIONS.presets, small: { ops: [{ thumbnail: 21 }] } }
    const expected = ['photos/a.jpg small', 'photos/c.png small', 'photos/sub/b.jpg small']
    expect(await pendingIn(project, { presets })).toEqual(expected.map((line) => `recipe changed: ${line}`))
    expect(writtenOf((await runIn(project, { presets })).results)).toEqual(expected)
  })

  it('keeps the manifest entries of other presets and inputs', async () => {
    const project = await makePhotos()
    await runIn(project)
    const changed = { ...OPTIONS.presets, small: { ops: [{ thumbnail: 21 }] } }
    await runIn(project, { inputs: ['photos/a.jpg'], preset: 'small', presets: changed })
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries.map(({ outputs }) => outputs.length)).toEqual([4, 4, 4])
  })

  it('renders to a new path, and drops the old path from the manifest', async () => {
    const project = await makePhotos()
    const options = { inputs: ['photos/a.jpg'], preset: 'small' }
    await runIn(project, options)
    const moved = { ...options, pathForAll: '{name}-{preset}.{ext}' }
    expect(await pendingIn(project, moved)).toEqual(['path changed: photos/a.jpg small'])
    await runIn(project, moved)
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries.flatMap(({ outputs }) => outputs.map(({ path }) => path))).toEqual(['a-small.jpg'])
  })

  it('renders only new widths, and lists only the current ones', async () => {
    const project = await makePhotos()
    const options = { inputs: ['photos/a.jpg'], preset: 'wide' }
    const { width } = await sharp(project.at('photos/a.jpg')).metadata()
    const wide = (...widths: number[]) => ({
      ...options,
      presets: { wide: { ops: [], widths, formats: ['webp' as const] } },
    })
    const listed = async (...widths: number[]) => {
      const { summary } = await runIn(project, wide(...widths))
      expect(summary.failures).toEqual([])
      const { entries } = await readManifest(project.at('out/manifest.json'))
      return {
        ...summary.renditions,
        paths: entries.flatMap(({ outputs }) => outputs.map(({ path }) => path)),
      }
    }
    const path = (pixels: number) => `a.wide-${pixels}w.webp`
    expect(await listed(16, 9000)).toMatchObject({ written: 2, paths: [path(16), path(width)] })
    expect(await pendingIn(project, wide(16, 24, 9000))).toEqual(['new: photos/a.jpg wide'])
    expect(await listed(16, 24, 9000)).toMatchObject({ written: 1, unchanged: 2 })
    // The old one was resized from the largest width, which is gone.
    expect(await listed(24)).toMatchObject({ written: 1, unchanged: 0, paths: [path(24)] })
    // The path now belongs to the narrowest width that reaches the source's.
    expect(await listed(8000, 9000)).toMatchObject({ written: 1, skipped: 1, paths: [path(width)] })
    expect(await listed(9000)).toMatchObject({ written: 1, skipped: 0, paths: [path(width)] })
  })

  it('renders or skips smaller sources as skipSmaller says now', async () => {
    const project = await makePhotos()
    const options = (skipSmaller: boolean) => ({
      preset: 'big',
      presets: { big: { ops: [{ thumbnail: 9000 }], skipSmaller } },
    })
    const counts = async (skip: boolean) => (await runIn(project, options(skip))).summary.renditions
    expect(await counts(true)).toMatchObject({ written: 0, skipped: 3 })
    expect(await counts(false)).toMatchObject({ written: 3, skipped: 0 })
    expect(await counts(true)).toMatchObject({ written: 0, skipped: 3 })
  })

  it('reports a changed recipe only if the content of its watermark changed', async () => {
    const project = await makePhotos()
    await project.copy('photos/alpha.png', 'mark.png')
    const presets = { small: { ops: [{ watermark: { image: project.at('mark.png'), scale: 0.1 } }] } }
    const options = { inputs: ['photos/a.jpg'], preset: 'small', presets }
    await runIn(project, options)
    expect(await pendingIn(project, options)).toEqual([])
    await touch(project, 'mark.png')
    expect(await pendingIn(project, options)).toEqual([])
    await writeFile(project.at('mark.png'), await sharp(project.at('mark.png')).negate().png().toBuffer())
    expect(await pendingIn(project, options)).toEqual(['recipe changed: photos/a.jpg small'])
  })
})

describe.skipIf(process.platform === 'win32')(
  'a source replaced by another of the same size and date',
  () => {
    it('is rendered again, and one that was only copied is not', async () => {
      const project = await makePhotos()
      const name = 'photos/plain.tif'
      const red = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
        .tiff({ compression: 'none' })
        .toBuffer()
      const blue = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'blue' } })
        .tiff({ compression: 'none' })
        .toBuffer()
      expect(blue).toHaveLength(red.length)
      const date = new Date('2026-01-01T00:00:00Z')
      const replace = async (data: Uint8Array) => {
        await writeFile(project.at('new.tif'), data)
        await utimes(project.at('new.tif'), date, date)
        await rename(project.at('new.tif'), project.at(name))
      }
      const one = { inputs: [name], preset: 'small' }
      await replace(red)
      await runIn(project, one)
      await replace(red)
      expect(await pendingIn(project, one)).toEqual([])
      expect((await runIn(project, one)).summary.renditions).toMatchObject({ unchanged: 1, written: 0 })
      await replace(blue)
      expect(await pendingIn(project, one)).toEqual([`source changed: ${name} small`])
      expect((await runIn(project, one)).summary.renditions).toMatchObject({ written: 1 })
      expect(await pendingIn(project, one)).toEqual([])
    })
  },
)
