import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rm } from 'node:fs/promises'
import { openProject, type Project } from '../support/project.js'
import { imgproc } from './command.js'

let project: Project

beforeAll(async () => {
  project = await openProject()
  await project.copy('photos/landscape.jpg', 'photos/a.jpg', 'photos/b.jpg')
  const flags = ['--widths', '100,200', '--formats', 'webp,jpeg', '--analyze', 'thumbhash,palette']
  await imgproc(project, ['run', 'photos', ...flags, '-o', 'out'])
})
afterAll(() => rm(project.path, { recursive: true, force: true }))

describe('imgproc markup', () => {
  it('prints the <picture> of a source, from the manifest of the default folder', async () => {
    const { code, stdout, stderr } = await imgproc(project, ['markup', 'photos/a.jpg', '--alt', 'A "house"'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`<picture>
  <source type="image/webp" srcset="a-100w.webp 100w, a-200w.webp 200w" sizes="100vw" width="200" height="150">
  <img src="a-200w.jpg" srcset="a-100w.jpg 100w, a-200w.jpg 200w" sizes="100vw" width="200" height="150" alt="A &quot;house&quot;" loading="lazy" decoding="async">
</picture>
`)
  })

  it('prints JSX and JSON, with a prefix and a placeholder', async () => {
    const flags = ['--alt', 'A house', '--base-url', '/img/', '--placeholder', 'palette']
    const jsx = await imgproc(project, ['markup', 'out', 'photos/a.jpg', ...flags, '-f', 'jsx'])
    expect(jsx.stdout).toMatch(
      /<img src="\/img\/a-200w.jpg" srcSet=.* style=\{\{ background: "#[\da-f]{6}" \}\} \/>/,
    )
    const json = await imgproc(project, [
      'markup',
      'out/manifest.json',
      'photos/a.jpg',
      ...flags,
      '-f',
      'json',
    ])
    expect(JSON.parse(json.stdout)).toMatchObject({
      'photos/a.jpg': { img: { src: '/img/a-200w.jpg', alt: 'A house', width: 200 } },
    })
  })

  it('takes the texts of all sources from a file, in which an empty one is that of a decorative picture', async () => {
    await project.write('alts.json', JSON.stringify({ 'photos/a.jpg': 'A house', 'photos/b.jpg': '' }))
    const { code, stdout } = await imgproc(project, ['markup', '--alts', 'alts.json'])
    expect(code).toBe(0)
    expect([...stdout.matchAll(/ alt="(.*?)"/g)].map(([, alt]) => alt)).toEqual(['A house', ''])
  })

  it.each([
    [['markup', 'photos/a.jpg'], 'needs a text alternative'],
    [['markup', 'photos/a.jpg', '--alt', ''], 'needs a text alternative'],
    [['markup', '--alt', 'A'], '--alt is for one source, and there are 2'],
    [['markup', '--alt', 'A', '--decorative'], 'exclude each other'],
    [['markup', 'photos/c.jpg', '--alt', 'A'], 'Did you mean "photos/a.jpg"?'],
    [['markup', 'nowhere.json', '--decorative'], 'There is no manifest at'],
    [['markup', '--alts', 'none.json'], 'the file cannot be read'],
    [['markup', '--decorative', '--art', 'square'], 'Expected a media query and a preset'],
    [['markup', 'box://x/', '--decorative'], 'unknown scheme'],
  ])('explains a mistake: %j', async (args, message) => {
    const { code, stdout, stderr } = await imgproc(project, args)
    expect(code).toBeGreaterThan(0)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
  })

  it('lists the sources without a text', async () => {
    await project.write('some.json', '{ "photos/a.jpg": "A house" }')
    const { stderr } = await imgproc(project, ['markup', '--alts', 'some.json'])
    expect(stderr).toContain('no text for photos/b.jpg')
  })

  it('names the manifests if there are several, and the way if there is none', async () => {
    await imgproc(project, ['thumbs', 'photos'])
    expect((await imgproc(project, ['markup', '--decorative'])).stderr).toContain(
      'several manifests: out/manifest.json, thumbs/manifest.json',
    )
    await rm(project.at('thumbs'), { recursive: true })
    const { stderr } = await imgproc(project, ['markup', '--decorative'], { cwd: 'photos' })
    expect(stderr).toContain('Make pictures first')
  })
})
