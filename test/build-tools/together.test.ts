import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { mkdir, symlink } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { makeSite, snapshot } from './site.js'

const call = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const CONFIG = `
out: cache
presets:
  hero: { widths: [100, 200], formats: [webp, jpeg] }
batches: [{ inputs: 'src/**/*.jpg', presets: hero }]
`

it('makes in one of the command, Vite and Eleventy what is unchanged in the others', async () => {
  const project = await makeSite(CONFIG)
  await mkdir(project.at('node_modules/@11ty'), { recursive: true })
  await symlink(ROOT, project.at('node_modules/imgproc'))
  for (const name of ['vite', '@11ty/eleventy'])
    await symlink(`${ROOT}node_modules/${name}`, project.at(`node_modules/${name}`))
  await project.write('package.json', '{ "type": "module" }')
  await project.write(
    'vite.config.js',
    "import imgproc from 'imgproc/vite'\nexport default { root: 'src', build: { outDir: '../dist', emptyOutDir: true }, plugins: [imgproc()] }",
  )
  await project.write(
    'eleventy.config.js',
    "import imgproc from 'imgproc/eleventy'\nexport default (config) => { config.addPlugin(imgproc) }",
  )
  await project.write('src/index.html', '<!doctype html><script type="module" src="/main.js"></script>')
  await project.write('src/main.js', "import hero from './hero.jpg?preset=hero'\nconsole.log(hero)")
  await project.write('pages/index.liquid', '{% image "src/hero.jpg", "hero", "A house" %}')
  const node = async (...words: string[]) =>
    (await call(process.execPath, words, { cwd: project.path })).stdout

  const ways = {
    command: () => node(`${ROOT}bin/imgproc.cjs`, 'run', '--json'),
    vite: () => node('node_modules/vite/bin/vite.js', 'build'),
    eleventy: () => node('node_modules/@11ty/eleventy/cmd.cjs', '--input=pages'),
  }
  await ways.command()
  const made = await snapshot(project)
  expect(Object.keys(made)).toHaveLength(5)
  for (const way of [ways.vite, ways.eleventy, ways.command, ways.vite, ways.eleventy]) {
    await way()
    expect(await snapshot(project)).toEqual(made)
  }
  expect((await project.files('dist')).filter((file) => /\.(?:webp|jpg)$/.test(file))).toHaveLength(4)
  expect((await project.files('_site/img')).toSorted()).toHaveLength(4)
})
