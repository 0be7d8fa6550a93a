import { readFile } from 'node:fs/promises'
import { build, createServer, type InlineConfig, type Plugin } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import imgproc, { type VitePluginOptions } from '../../src/build-tools/vite/index.js'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { makeProject, type Project } from '../support/project.js'

const CONFIG = `
out: cache
presets:
  hero: { widths: [100, 200], formats: [webp, jpeg] }
  tiny: { ops: [{ resize: 20 }, { format: png }] }
`

/** Makes a project whose page imports a picture and logs it. */
async function makeSite(code: string, config = CONFIG): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/landscape.jpg', 'src/hero.jpg')
  if (config !== '') await project.write('.imgprocrc.yaml', config)
  await project.write('index.html', '<!doctype html><script type="module" src="/src/main.js"></script>')
  await project.write('src/main.js', code)
  return project
}

const PRINT = `import hero, { entry } from './hero.jpg?preset=hero'
globalThis.shown = { hero, entry }`

function configOf(project: Project, options: VitePluginOptions = {}, more: InlineConfig = {}): InlineConfig {
  const plugin: Plugin = imgproc(options)
  return { root: project.path, configFile: false, logLevel: 'silent', plugins: [plugin], ...more }
}

/** Builds, and returns what the bundle has put into `globalThis.shown`. */
async function buildSite(project: Project, options: VitePluginOptions = {}, more: InlineConfig = {}) {
  await build(configOf(project, options, { ...more, build: { minify: false, ...more.build } }))
  const [script = ''] = (await project.files('dist')).filter((file) => file.endsWith('.js'))
  return readFile(project.at(`dist/${script}`), 'utf8')
}

/** Runs a bundle that needs no browser. */
function runBundle(code: string): any {
  const start = code.indexOf('//#region src/')
  new Function(code.slice(Math.max(start, 0)))()
  return (globalThis as { shown?: unknown }).shown
}

describe('vite build', () => {
  it('gives the picture and the entry, and emits the outputs as assets below the base', async () => {
    const project = await makeSite(PRINT)
    const code = await buildSite(project, {}, { base: '/app/' })
    console.log(await project.files(), code)
    const { hero, entry } = runBundle(code)
    console.log(JSON.stringify({hero, entry}, null, 1))
    expect(hero.img).toMatchObject({ width: 200 })
    const before = await readManifest(project.at('cache/manifest.json'))
  })
})
