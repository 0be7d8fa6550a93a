import { readFile, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { makeProject, type Project } from '../support/project.js'
import { imgproc } from './command.js'

const FILE = 'imgproc.config.yaml'

async function addPackage(project: Project, name: string): Promise<void> {
  await project.write(
    'package.json',
    JSON.stringify({ devDependencies: { vite: '7' }, dependencies: { [name]: '1' } }),
  )
}

describe('imgproc init', () => {
  it.each([
    ['next', 'public/img'],
    ['@sveltejs/kit', 'static/img'],
    ['vite', 'public/img'],
    ['astro', 'public/img'],
  ])('writes a valid config for a project of %s, with outputs in %s', async (name, out) => {
    const project = await makeProject()
    await addPackage(project, name)
    await project.copy(
      'photos/landscape.jpg',
      'src/assets/a.jpg',
      'src/assets/deep/b.jpg',
      'node_modules/x/c.jpg',
    )
    const { code, stdout, stderr } = await imgproc(project, ['init'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${FILE}\n` })
    expect(stderr).toContain(
      `outputs go into ${out}\nfound 2 images in src/assets\nnext: imgproc thumbs src/assets\n`,
    )
    const { config } = await loadConfig({ cwd: project.path })
    expect(config).toMatchObject({ out, baseUrl: '/img/', batches: [{ inputs: 'src/assets' }] })
  })

  it('writes a config that makes what it says, with the schema of the package', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await project.write('node_modules/imgproc/dist/config.schema.json', '{}')
    await imgproc(project, ['init'])
    const text = await readFile(project.at(FILE), 'utf8')
    expect(text).toMatch(
      /^# yaml-language-server: \$schema=\.\/node_modules\/imgproc\/dist\/config\.schema\.json\n/,
    )
    const { code } = await imgproc(project, ['run', '--formats', 'webp,jpeg'])
    expect(code).toBe(0)
    expect(await project.files('out')).toEqual([
      'a.article-480w.jpg',
      'a.article-480w.webp',
      'a.article-800w.jpg',
      'a.article-800w.webp',
      'manifest.json',
    ])
    expect((await imgproc(project, ['run', 'photos', '-p', 'card'])).code).toBe(0)
  })

  it('takes the images of the folder itself by a glob', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg', "b c's.jpg")
    await project.copy('photos/alpha.png', 'd.png')
    const { stderr } = await imgproc(project, ['init'])
    expect(stderr).toContain("found 3 images in this folder\nnext: imgproc thumbs '*.{jpg,png}'\n")
  })

  it('says what to do if there are no images yet', async () => {
    const project = await makeProject()
    const { code, stderr } = await imgproc(project, ['init'])
    expect(code).toBe(0)
    expect(stderr).toContain('There are no images here yet. Put some into photos')
    expect(stderr).not.toContain('next:')
  })

  it.each(['imgproc.config.yaml', '.imgprocrc', 'imgproc.config.ts'])('never overwrites %s', async (file) => {
    const project = await makeProject()
    const content = file.endsWith('.ts') ? 'export default {}' : 'out: mine'
    await project.write(file, content)
    const { code, stderr } = await imgproc(project, ['init'])
    expect(code).toBe(2)
    expect(stderr).toContain(`There is a config already: ${file}`)
    expect(await project.files()).toEqual([file])
    expect(await readFile(project.at(file), 'utf8')).toBe(content)
  })

  it('warns of a config above, which it takes the place of', async () => {
    const project = await makeProject()
    await project.write('.imgprocrc', 'out: mine')
    await project.copy('photos/landscape.jpg', 'site/photos/a.jpg')
    const { code, stderr } = await imgproc(project, ['init'], { cwd: 'site' })
    expect(code).toBe(0)
    expect(stderr).toContain('it takes the place of ../.imgprocrc')
  })

  it('takes no outputs of earlier runs for photos', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg')
    await imgproc(project, ['run', 'photos', '--widths', '10,20,30', '-o', 'made'])
    await imgproc(project, ['run', 'photos', '--widths', '10,20,30', '-o', 'cloned'])
    await rm(project.at('cloned/.imgproc'), { recursive: true })
    const { stderr } = await imgproc(project, ['init'])
    expect(stderr).toMatch(/^found 1 image in photos$/m)
  })
})
