import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openProject } from '../../src/build-tools/project.js'
import { lock } from '../../src/state/lock.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { CONFIG, makeSite, snapshot } from './site.js'

describe('openProject', () => {
  it('makes a picture once, and again if its source, its output or nothing of it is there', async () => {
    const site = await makeSite()
    const request = { file: site.at('src/hero.jpg'), preset: 'tiny' }
    const output = site.at('cache/src/hero.tiny.png')
    const project = await openProject(site.path, {})
    const { entry, folder } = await project.make(request)
    expect(entry.outputs.map(({ path }) => path)).toEqual(['src/hero.tiny.png'])
    expect(folder).toBe(site.at('cache'))
    const before = await snapshot(site)
    await project.make(request)
    expect(await snapshot(site)).toEqual(before)

    await rm(output)
    await project.make(request)
    const first = await readFile(output)
    await site.copy('photos/progressive.jpg', 'src/hero.jpg')
    await project.make(request)
    expect((await readFile(output)).equals(first)).toBe(false)
  })

  it('gives the outputs of the preset that is asked for only, and makes several at once', async () => {
    const site = await makeSite()
    const project = await openProject(site.path, {})
    const file = site.at('src/hero.jpg')
    const [hero, tiny] = await Promise.all([
      project.make({ file, preset: 'hero' }),
      project.make({ file, preset: 'tiny' }),
    ])
    expect([hero.entry.outputs.length, tiny.entry.outputs.length]).toEqual([4, 1])
  })

  it('refuses a second source for an output, also of a later run', async () => {
    const site = await makeSite()
    await site.copy('photos/landscape.jpg', 'src/hero.jpeg')
    const project = await openProject(site.path, {})
    await project.make({ file: site.at('src/hero.jpg'), preset: 'tiny' })
    await expect(project.make({ file: site.at('src/hero.jpeg'), preset: 'tiny' })).rejects.toMatchObject({
      code: 'OUTPUT_COLLISION',
    })
  })

  it('fails for one picture of several, and makes the others', async () => {
    const site = await makeSite()
    await site.copy('broken/truncated.jpg', 'src/bad.jpg')
    await site.write('src/note.txt', 'a note')
    const project = await openProject(site.path, {})
    const made = ['hero.jpg', 'bad.jpg', 'note.txt', 'none.jpg'].map((name) =>
      project.make({ file: site.at(`src/${name}`), preset: 'tiny' }),
    )
    const codes = (await Promise.allSettled(made)).map((one) =>
      one.status === 'fulfilled' ? 'made' : (one.reason as { code: string }).code,
    )
    expect(codes).toEqual(['made', 'CORRUPT_IMAGE', 'UNSUPPORTED_FORMAT', 'INPUT_NOT_FOUND'])
  })

  it('waits while another run holds the output folder', async () => {
    const site = await makeSite()
    const release = await lock(createFileStore({ cwd: site.path }), site.at('cache/.imgproc/lock'), 'cache')
    const project = await openProject(site.path, {})
    const made = project.make({ file: site.at('src/hero.jpg'), preset: 'tiny' })
    await sleep(500)
    expect(await site.files('cache')).toEqual([])
    await release?.()
    expect((await made).entry.outputs).toHaveLength(1)
  })

  it('places a picture outside the folder of the config by its base', async () => {
    const site = await makeSite('')
    await site.write('site/.imgprocrc.yaml', CONFIG)
    const request = { file: site.at('src/hero.jpg'), preset: 'tiny' }
    const lost = await openProject(site.at('site'), {})
    await expect(lost.make(request)).rejects.toMatchObject({ code: 'OUTPUT_OUTSIDE_ROOT' })
    await site.write('site/.imgprocrc.yaml', `${CONFIG}base: ..`)
    const project = await openProject(site.at('site'), {})
    const { entry } = await project.make(request)
    expect(entry.outputs[0]?.path).toBe('src/hero.tiny.png')
  })

  it.each([
    ['manifest: false', 'Build tools need the manifest'],
    ['out: s3://bucket/img', 'out is s3://bucket/img'],
    ['presets: { a: { widths: [0] } }', 'from 1 to 16383'],
  ])('refuses a config with %s', async (line, reason) => {
    const site = await makeSite(line)
    await expect(openProject(site.path, {})).rejects.toThrow(reason)
  })

  it('reads the config that is named, and lists the files that a picture depends on', async () => {
    const site = await makeSite('')
    await site.copy('photos/alpha.png', 'mark.png')
    const config = 'presets: { marked: { ops: [{ resize: 50 }, { watermark: { image: mark.png } }] } }'
    await site.write('settings/pictures.yaml', config)
    await site.copy('photos/alpha.png', 'settings/mark.png')
    const project = await openProject(site.path, { config: 'settings/pictures.yaml', out: 'made' })
    expect(project.files).toEqual([site.at('settings/pictures.yaml'), site.at('settings/mark.png')])
    expect(project.out).toBe(site.at('made'))
  })

  it('plans a picture whose size its header tells, and no other', async () => {
    const site = await makeSite(`${CONFIG}  trimmed: { ops: [{ trim: {} }] }\n`)
    await site.copy('photos/animated.gif', 'src/moving.gif')
    const project = await openProject(site.path, {})
    const plan = (name: string, preset: string) => project.plan({ file: site.at(`src/${name}`), preset })
    const planned = await plan('hero.jpg', 'hero')
    expect(planned?.folder).toBeUndefined()
    expect(planned?.entry.outputs).toHaveLength(4)
    expect(await plan('hero.jpg', 'trimmed')).toBeUndefined()
    expect(await plan('moving.gif', 'hero')).toBeUndefined()
    expect(await site.files('cache')).toEqual([])
  })
})
