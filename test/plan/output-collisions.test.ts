import { describe, expect, it } from 'vitest'
import { planJobs } from '../../src/plan/plan-jobs.js'
import { withDefaults } from '../../src/image/limits.js'
import { ImgprocError } from '../../src/errors.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { makeProject, type Project } from '../support/project.js'
import { linesOf, planIn, thumb, web, type PlanInput } from './planning.js'

/** Returns the error of a plan, and the path template that it advises. */
async function refused(project: Project, input: PlanInput): Promise<{ message: string; template: string }> {
  const error: unknown = await planIn(project, input).catch((caught: unknown) => caught)
  if (!(error instanceof ImgprocError)) throw new Error('the plan was accepted')
  expect(error).toMatchObject({ code: 'OUTPUT_COLLISION', stage: 'plan' })
  return { message: error.message, template: /path: '(.*)'/.exec(error.message)?.[1] ?? '' }
}

describe('colliding outputs', () => {
  it('are rejected by an error that lists them and advises a template that works', async () => {
    const project = await makeProject()
    await project.touch('a.jpg', 'a.png', 'b.gif', 'b.webp', 'c.jpg')
    const { message, template } = await refused(project, { presets: [web] })
    expect(message).toBe(
      [
        '2 output paths are used more than once, so nothing was made:',
        '  a.jpg → a.web.webp',
        '  a.png → a.web.webp',
        '',
        '  b.gif → b.web.webp',
        '  b.webp → b.web.webp',
        'This works:',
        "  path: '{dir}/{name}.{srcext}.{preset}.{ext}'",
      ].join('\n'),
    )
    expect(linesOf(await planIn(project, { presets: [web], path: template }))[0]).toBe(
      'a.jpg → a.jpg.web.webp',
    )
  })

  it.each<[string, string[], PlanInput, string]>([
    ['folders', ['a/x.jpg', 'b/x.jpg'], { path: '{name}.webp' }, '{dir}/{name}.{preset}.{ext}'],
    [
      'presets',
      ['x.jpg'],
      { presets: [web, { ...web, name: 'more' }], path: '{dir}/{name}.webp' },
      '{dir}/{name}.{preset}.{ext}',
    ],
    [
      'widths',
      ['x.jpg'],
      { presets: [{ ...web, widths: [10, 20], path: '{name}.webp' }] },
      '{dir}/{name}.{preset}-{width}w.{ext}',
    ],
    ['extensions', ['x.jpg', 'x.jpeg'], {}, '{dir}/{name}.{srcext}.{preset}.{ext}'],
    ['contents', ['x.jpg', 'X.jpg', 'x.png'], {}, '{dir}/{name}-{hash:8}.{preset}.{ext}'],
    [
      'widths, if only one of the presets has some',
      ['x.jpg'],
      { presets: [web, { ...web, name: 'more', widths: [10, 20] }], path: '{name}.webp' },
      '{dir}/{name}.{preset}-{width}w.{ext}',
    ],
    [
      'qualities',
      ['x.jpg'],
      { presets: [{ ...web, ops: [], formats: ['webp', 'webp:quality=50'] }] },
      '{dir}/{name}-{hash:8}.{preset}.{ext}',
    ],
  ])('are made unique by a template with their %s', async (_, names, input, expected) => {
    const project = await makeProject()
    // Different sizes mean different contents.
    for (const [index, name] of names.entries()) await project.write(name, 'x'.repeat(index + 1))
    const full = { presets: [web], ...input }
    expect((await refused(project, full)).template).toBe(expected)
    await planIn(project, { ...full, path: expected })
  })

  it('are made unique by contents and extensions together, if copies have other extensions', async () => {
    const project = await makeProject()
    await project.write('x.jpg', 'one')
    await project.write('X.jpg', 'another')
    await project.write('x.png', 'one')
    const { template } = await refused(project, { presets: [web] })
    expect(template).toBe('{dir}/{name}-{hash:8}.{srcext}.{preset}.{ext}')
  })

  it('are rejected if paths differ only by case or Unicode normalisation', async () => {
    const project = await makeProject()
    await project.touch(
      'Photo.jpg',
      'photo.png',
      'caf\u00E9.jpg',
      'cafe\u0301.png',
      'STRASSE.jpg',
      'straße.png',
    )
    const { message } = await refused(project, { presets: [web] })
    expect(message).toContain('3 output paths are used')
    expect(message).toContain('Photo.jpg → Photo.web.webp\n  photo.png → photo.web.webp')
  })

  it('are rejected with other advice if no template can make them unique', async () => {
    const project = await makeProject()
    await project.touch('photo.jpg', 'PHOTO.jpg')
    const { message } = await refused(project, { presets: [web] })
    expect(message).toMatch(
      /No --path is certain to make them unique\. Rename some of the sources, or choose one --base/,
    )
  })

  it('are made unique by a base that contains all inputs, if these have different bases', async () => {
    const project = await makeProject()
    await project.write('photos/2023/x.jpg', 'one')
    await project.write('photos/2024/x.jpg', 'another')
    const input = { inputs: ['photos/2023', 'photos/2024/*.jpg'], presets: [web] }
    const { message } = await refused(project, input)
    expect(message).toMatch(/This works:\n {2}base: 'photos'$/)
    expect(linesOf(await planIn(project, { ...input, base: project.at('photos') }))).toEqual([
      'photos/2023/x.jpg → 2023/x.web.webp',
      'photos/2024/x.jpg → 2024/x.web.webp',
    ])
  })

  it('are made unique across batches with different bases', async () => {
    const project = await makeProject()
    await project.write('spring/x.jpg', 'one')
    await project.write('autumn/x.jpg', 'another')
    const request = (base?: string) => ({
      batches: ['spring', 'autumn'].map((folder) => ({ inputs: [folder], presets: [web], base })),
      out: project.at('out'),
      root: project.path,
      limits: withDefaults(),
      failOn: 'error' as const,
    })
    const store = createFileStore({ cwd: project.path })
    const error: unknown = await planJobs(store, request()).catch((caught: unknown) => caught)
    expect(String(error)).toMatch(/This works:\n {2}base: '\.'$/)
    expect(linesOf(await planJobs(store, request(project.path)))).toEqual([
      'autumn/x.jpg → autumn/x.web.webp',
      'spring/x.jpg → spring/x.web.webp',
    ])
  })

  it('are accepted if only the images can tell', async () => {
    const project = await makeProject()
    await project.touch('a.jpg', 'a.jpeg')
    expect(linesOf(await planIn(project, { presets: [thumb] }))).toEqual([
      'a.jpeg → a.thumb.{ext}',
      'a.jpg → a.thumb.{ext}',
    ])
  })

  it('are listed up to ten, and the others counted', async () => {
    const project = await makeProject()
    for (let index = 0; index < 12; index++) await project.touch(`${index}.jpg`, `${index}.png`)
    const { message } = await refused(project, { presets: [web] })
    expect(message).toContain('12 output paths are used')
    expect(message.match(/→/g)).toHaveLength(20)
    expect(message).toContain('… and 2 more paths')
  })

  it('are listed whole if there are ten, or one', async () => {
    const project = await makeProject()
    await project.touch('0.jpg', '0.png')
    expect((await refused(project, { presets: [web] })).message).toMatch(
      /^One output path is used more than once/,
    )
    for (let index = 1; index < 10; index++) await project.touch(`${index}.jpg`, `${index}.png`)
    const { message } = await refused(project, { presets: [web] })
    expect(message).toMatch(/^10 output paths are used/)
    expect(message).not.toContain('more paths')
  })
})

describe('an output that would overwrite an input', () => {
  const jpeg = [{ name: 'same', ops: [{ format: 'jpeg' as const }] }]

  it.each<[string, string[], PlanInput, string]>([
    ['its own source', ['a.jpg'], { presets: jpeg }, 'An output would overwrite its own source a.jpg.'],
    [
      'its own source, by the likely extension of a kept format',
      ['a.jpg'],
      {},
      'An output would overwrite its own source a.jpg.',
    ],
    [
      'its own source, with a name in upper case',
      ['A.JPG'],
      { presets: jpeg },
      'An output would overwrite its own source A.JPG.',
    ],
    [
      'another source',
      ['a.png', 'b.jpg'],
      { presets: jpeg, path: 'b.jpg' },
      'An output of a.png would overwrite the input b.jpg.',
    ],
  ])('is rejected: %s', async (_, inputs, input, sentence) => {
    const project = await makeProject()
    await project.touch(...inputs)
    await expect(
      planIn(project, { inputs, out: '.', path: '{dir}/{name}.{ext}', ...input }),
    ).rejects.toMatchObject({
      code: 'OUTPUT_OVERWRITES_INPUT',
      stage: 'plan',
      path: inputs.at(-1),
      message: `${sentence} Choose another out (--out), or a path (--path) with {preset} in it.`,
    })
  })

  it('is accepted in another folder or under another name', async () => {
    const project = await makeProject()
    await project.touch('a.jpg')
    expect(linesOf(await planIn(project, { path: '{dir}/{name}.{ext}' }))).toEqual(['a.jpg → a.{ext}'])
    expect(linesOf(await planIn(project, { out: '.' }))).toEqual(['a.jpg → a.thumb.{ext}'])
  })
})
