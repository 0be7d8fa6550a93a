import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sourceId } from '../../src/jobs/source-id.js'
import { planJobs } from '../../src/plan/plan-jobs.js'
import { withDefaults } from '../../src/image/limits.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { makeProject } from '../support/project.js'
import { linesOf, planIn, thumb, web } from './planning.js'

describe('planJobs', () => {
  it('returns one job a source, as plain JSON, and reads no image', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg')
    const { jobs } = await planIn(project, { inputs: ['photos'], presets: [web], baseUrl: '/img/' })
    expect(jobs).toEqual([
      {
        id: sourceId('photos/a.jpg'),
        path: 'photos/a.jpg',
        source: {
          ref: project.at('photos/a.jpg'),
          size: 12,
          modified: expect.any(String) as string,
          changed: expect.any(Number) as number,
        },
        out: project.at('out'),
        baseUrl: '/img/',
        limits: withDefaults(),
        failOn: 'error',
        analyze: [],
        renditions: [
          {
            preset: 'web',
            target: 'a.web.webp',
            ops: web.ops,
            recipe: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
          },
        ],
      },
    ])
    expect(JSON.parse(JSON.stringify(jobs))).toEqual(jobs)
  })

  it('places outputs by their path below the folder of their input, whatever the other inputs are', async () => {
    const project = await makeProject()
    await project.touch('photos/2023/a.jpg', 'photos/2024/May/Trip [Rome]/a (1).jpg')
    expect(linesOf(await planIn(project, { inputs: ['photos/2023/a.jpg', 'photos/2024/**'] }))).toEqual([
      'photos/2023/a.jpg → a.thumb.{ext}',
      'photos/2024/May/Trip [Rome]/a (1).jpg → May/Trip [Rome]/a (1).thumb.{ext}',
    ])
    // The first input that matches a source counts, so that one added at the end moves no output.
    expect(linesOf(await planIn(project, { inputs: ['photos/2023/a.jpg', 'photos'] }))).toEqual([
      'photos/2023/a.jpg → a.thumb.{ext}',
      'photos/2024/May/Trip [Rome]/a (1).jpg → 2024/May/Trip [Rome]/a (1).thumb.{ext}',
    ])
    expect(linesOf(await planIn(project, { inputs: ['photos', 'photos/2023/a.jpg'] }))[0]).toBe(
      'photos/2023/a.jpg → 2023/a.thumb.{ext}',
    )
    expect(linesOf(await planIn(project, { inputs: ['photos/2023'], base: project.path }))).toEqual([
      'photos/2023/a.jpg → photos/2023/a.thumb.{ext}',
    ])
  })

  it('rejects a source outside the base', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg', 'other/b.jpg')
    await expect(planIn(project, { base: project.at('photos') })).rejects.toMatchObject({
      code: 'OUTPUT_OUTSIDE_ROOT',
      message: expect.stringContaining('Choose a base (--base) that contains every input') as string,
    })
  })

  it('rejects a template that leaves the output folder', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    for (const path of [
      '../{name}.{ext}',
      '/tmp/{name}.{ext}',
      '{dir}/../../{name}.{ext}',
      'C:\\img\\{name}',
    ])
      await expect(planIn(project, { path })).rejects.toMatchObject({ code: 'OUTPUT_OUTSIDE_ROOT' })
  })

  it('fills in template tokens from the path, and keeps the tokens that depend on the image', async () => {
    const project = await makeProject()
    await project.touch('photos/sub/A b.JPG')
    const planned = async (path: string, presets = [web]) => {
      const [line = ''] = linesOf(await planIn(project, { inputs: ['photos'], path, presets }))
      return line.replace('photos/sub/A b.JPG → ', '')
    }
    expect(await planned('{dir}/{preset}/{name}.{srcext}.{ext}')).toBe('sub/web/A b.JPG.webp')
    expect(await planned('{format}/{name}-{width}x{height}-{hash:8}.{ext}')).toBe(
      'webp/A b-{width}x{height}-{hash:8}.webp',
    )
    expect(await planned('{format}/{name}.{ext}', [thumb])).toBe('{format}/A b.{ext}')
  })

  it('uses the template of the batch, or of the preset, or the default, in this order', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    const own = { ...web, name: 'own', path: 'own/{name}.{ext}' }
    const defaultPath = 'all/{name}.{preset}.{ext}'
    expect(linesOf(await planIn(project, { presets: [own, web], defaultPath }))).toEqual([
      'a.jpg → own/a.webp',
      'a.jpg → all/a.web.webp',
    ])
    expect(linesOf(await planIn(project, { presets: [own], defaultPath, path: 'x/{name}.{ext}' }))).toEqual([
      'a.jpg → x/a.webp',
    ])
  })

  it('plans a rendition for every width and format, without duplicates', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    const wide = {
      name: 'wide',
      ops: [{ rotate: 90 }, { format: 'png' }] as const,
      widths: [640, 320, 640],
      formats: ['webp', { type: 'jpeg', quality: 70 }, 'webp'] as const,
      after: [{ sharpen: 0.5 }] as const,
    }
    const plan = await planIn(project, { presets: [wide] })
    expect(linesOf(plan)).toEqual([
      'a.jpg → a.wide-{width}w.webp',
      'a.jpg → a.wide-{width}w.jpg',
      'a.jpg → a.wide-{width}w.webp',
      'a.jpg → a.wide-{width}w.jpg',
    ])
    const [first, , , last] = plan.jobs[0]?.renditions ?? []
    const resized = (width: number) => [{ rotate: 90 }, { resize: { width } }, { sharpen: 0.5 }]
    expect(first).toMatchObject({ width: 320, widthAt: 1, ops: [...resized(320), { format: 'webp' }] })
    expect(last).toMatchObject({
      width: 640,
      widthAt: 1,
      ops: [...resized(640), { format: { type: 'jpeg', quality: 70 } }],
    })
  })

  it('treats empty lists of widths and formats as none', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    const plan = await planIn(project, { presets: [{ ...web, widths: [], formats: [] }] })
    expect(linesOf(plan)).toEqual(['a.jpg → a.web.webp'])
  })

  it('plans the common renditions of overlapping batches once', async () => {
    const project = await makeProject()
    await project.touch('photos/a.jpg', 'photos/b.jpg')
    const request = { out: project.at('out'), root: project.path, limits: withDefaults() } as const
    const planned = await planJobs(createFileStore({ cwd: project.path }), {
      ...request,
      failOn: 'error',
      batches: [
        { inputs: ['photos'], presets: [thumb] },
        { inputs: ['photos/b.jpg'], presets: [web, thumb] },
      ],
    })
    expect(linesOf(planned)).toEqual([
      'photos/a.jpg → a.thumb.{ext}',
      'photos/b.jpg → b.thumb.{ext}',
      'photos/b.jpg → b.web.webp',
    ])
  })

  it('leaves out outputs of earlier runs', async () => {
    const project = await makeProject()
    await project.touch('a.jpg', 'a.thumb.jpg')
    const isOutput = (ref: string) => ref === project.at('a.thumb.jpg')
    expect(linesOf(await planIn(project, { out: '.', isOutput }))).toEqual(['a.jpg → a.thumb.{ext}'])
  })

  it.each([
    ['outputs of an earlier run', ['a.thumb.jpg']],
    ['ignored files', ['left.jpg']],
    ['files of other types', ['notes.txt', 'more.txt']],
  ])('rejects inputs that are all %s, unless allowEmpty is set', async (_, inputs) => {
    const project = await makeProject()
    await project.touch('a.thumb.jpg', 'left.jpg', 'notes.txt', 'more.txt')
    const input = { inputs, isOutput: (ref: string) => ref === project.at('a.thumb.jpg'), ignore: ['left.*'] }
    await expect(planIn(project, input)).rejects.toMatchObject({ code: 'INVALID_USAGE' })
    expect((await planIn(project, { ...input, allowEmpty: true })).jobs).toEqual([])
  })

  it('returns the same plan whatever order the inputs are in', async () => {
    const project = await makeProject()
    const inputs = ['b/**', 'a', 'c.jpg', 'b/1.png', 'ä.webp', 'Z.gif', 'missing.jpg']
    await project.touch('b/1.png', 'b/2.jpg', 'a/3.jpg', 'a/x/4.jpg', 'c.jpg', 'ä.webp', 'Z.gif')
    const expected = await planIn(project, { inputs })
    expect(expected.jobs).toHaveLength(8)
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(inputs, { minLength: inputs.length }),
        fc.array(fc.constantFrom(...inputs), { maxLength: 3 }),
        async (shuffled, again) => {
          expect(await planIn(project, { inputs: [...shuffled, ...again] })).toEqual(expected)
        },
      ),
      { numRuns: 30 },
    )
  })
})
