import { execFileSync } from 'node:child_process'
import { readFile, symlink, mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, createServer, type InlineConfig, type Plugin, type ViteDevServer } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import imgproc, { type ImportedPicture, type VitePluginOptions } from '../../src/build-tools/vite/index.js'
import { declareModules } from '../../src/build-tools/vite/declare-modules.js'
import { run } from '../../src/run/run.js'
import type { Project } from '../support/project.js'
import { CONFIG, makeSite, snapshot } from './site.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PRINT = `import hero, { entry } from './hero.jpg?preset=hero'
globalThis.shown = { hero, entry }`

/** Everything that pages of these tests import. Each imports some of it. */
interface Shown {
  readonly hero: ImportedPicture
  readonly entry: { readonly outputs: readonly { readonly url: string }[] }
  readonly src: string
  readonly srcset: string
}

/** Makes a site whose page runs a script. */
async function makeVite(code: string, config = CONFIG): Promise<Project> {
  const project = await makeSite(config)
  await project.write('index.html', '<!doctype html><script type="module" src="/src/main.js"></script>')
  await project.write('src/main.js', code)
  return project
}

function configOf(project: Project, options: VitePluginOptions, more: InlineConfig): InlineConfig {
  // Vite's own type, so that the compiler compares.
  const plugin: Plugin = imgproc(options)
  return { root: project.path, configFile: false, logLevel: 'silent', plugins: [plugin], ...more }
}

/** Builds, runs the bundle, and returns what it has put into `globalThis.shown`. */
async function buildVite(project: Project, options: VitePluginOptions = {}, more: InlineConfig = {}) {
  await build(configOf(project, options, { ...more, build: { modulePreload: false } }))
  const script = (await project.files('dist')).find((file) => file.endsWith('.js'))
  await import(pathToFileURL(project.at(`dist/${script}`)).href)
  return (globalThis as unknown as { shown: Shown }).shown
}

async function serveVite(project: Project, options: VitePluginOptions = {}, more: InlineConfig = {}) {
  const server = await createServer(
    configOf(project, options, { server: { port: 0, host: '127.0.0.1' }, ...more }),
  )
  onTestFinished(() => server.close())
  await server.listen()
  const address = server.httpServer?.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  return { server, origin }
}

/** Returns the code of the module of an import, as the server gives it. */
async function moduleOf(server: ViteDevServer, query = 'preset=hero'): Promise<string> {
  return (await server.transformRequest(`/src/hero.jpg?${query}`))?.code ?? ''
}

/** Returns the URLs of outputs in code. */
function urlsIn(code: string): string[] {
  return [...new Set(code.match(/\/[^" ]*@imgproc\/[^" ]*/g))]
}

async function messageOf(action: Promise<unknown>): Promise<string> {
  return action.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

describe('vite build', () => {
  it('gives attributes of a picture and the entry, and emits the outputs as assets below the base', async () => {
    const project = await makeVite(PRINT)
    const { hero, entry } = await buildVite(project, {}, { base: '/app/' })
    expect(hero).toEqual({
      sources: [
        {
          type: 'image/webp',
          srcset: expect.stringMatching(
            /^\/app\/assets\/hero\.hero-100w-[\w-]+\.webp 100w, \/app\/assets\/hero\.hero-200w-[\w-]+\.webp 200w$/,
          ),
          sizes: '100vw',
          width: 200,
          height: 150,
        },
      ],
      img: {
        src: expect.stringMatching(/^\/app\/assets\/hero\.hero-200w-[\w-]+\.jpg$/),
        srcset: expect.stringContaining(' 100w, '),
        sizes: '100vw',
        width: 200,
        height: 150,
        loading: 'lazy',
        decoding: 'async',
      },
    })
    expect(entry).toMatchObject({ source: { path: 'src/hero.jpg', width: 800 } })
    const files = await project.files('dist')
    const urls = entry.outputs.map(({ url }) => url.replace('/app/', ''))
    expect(urls).toHaveLength(4)
    expect(files).toEqual(expect.arrayContaining(urls))
  })

  it('makes nothing in a second build', async () => {
    const project = await makeVite(PRINT)
    await buildVite(project)
    const before = await snapshot(project)
    expect(Object.keys(before)).toHaveLength(5)
    await buildVite(project)
    expect(await snapshot(project)).toEqual(before)
  })

  it('makes nothing that a run has made, by the folders of the batches in the config', async () => {
    const batch = 'batches: [{ inputs: src/**, presets: [hero] }]'
    const project = await makeVite(PRINT, `${CONFIG}${batch}`)
    await run({
      cwd: project.path,
      out: 'cache',
      presets: { hero: { widths: [100, 200], formats: ['webp', 'jpeg'] } },
      batches: [{ inputs: ['src/**'], presets: ['hero'] }],
    })
    const before = await snapshot(project)
    expect(Object.keys(before)).toContain('hero.hero-100w.webp')
    await buildVite(project)
    expect(await snapshot(project)).toEqual(before)
  })

  it('gives single strings with as=src and as=srcset, and sizes', async () => {
    const project = await makeVite(`import src from './hero.jpg?preset=tiny&as=src'
import srcset from './hero.jpg?preset=hero&as=srcset'
import hero from './hero.jpg?sizes=50vw&preset=hero'
globalThis.shown = { src, srcset, hero }`)
    const { src, srcset, hero } = await buildVite(project)
    expect(src).toMatch(/^\/assets\/hero\.tiny-[\w-]+\.png$/)
    expect(srcset).toMatch(/100w-[\w-]+\.jpg 100w, .*200w-[\w-]+\.jpg 200w$/)
    expect(hero.sources[0]?.sizes).toBe('50vw')
  })

  it('takes presets from its options, and keeps the outputs in node_modules/.cache without a config', async () => {
    const project = await makeVite(PRINT, '')
    const presets = { hero: { widths: [50], formats: ['webp' as const] } }
    const { hero } = await buildVite(project, { presets })
    expect(hero.img.width).toBe(50)
    expect(await project.files('node_modules/.cache/imgproc')).toEqual([
      'manifest.json',
      'src/hero.hero-50w.webp',
    ])
  })

  it('emits no second copy of outputs in the public folder', async () => {
    const project = await makeVite(PRINT, CONFIG.replace('out: cache', 'out: public/img'))
    const { hero } = await buildVite(project, {}, { base: '/app/' })
    expect(hero.img.src).toBe('/app/img/src/hero.hero-200w.jpg')
    const files = await project.files('dist')
    expect(files.filter((file) => file.endsWith('.jpg')).toSorted()).toEqual([
      'img/src/hero.hero-100w.jpg',
      'img/src/hero.hero-200w.jpg',
    ])
  })

  it('names outputs on another server by its URL, and emits none', async () => {
    const project = await makeVite(PRINT, `${CONFIG}baseUrl: https://cdn.example/img/`)
    const { hero } = await buildVite(project)
    expect(hero.img.src).toBe('https://cdn.example/img/src/hero.hero-200w.jpg')
    expect((await project.files('dist')).filter((file) => file.endsWith('.jpg'))).toEqual([])
  })

  it('gives the placeholder that is asked for', async () => {
    const code = PRINT.replace('preset=hero', 'placeholder=thumbhash&preset=hero')
    const project = await makeVite(code, CONFIG.replace('formats', 'analyze: [thumbhash], formats'))
    const { hero } = await buildVite(project)
    expect(hero.placeholder?.background).toContain('data:image/png')
  })

  it.each([
    ['an unknown preset', './hero.jpg?preset=heor', /There is no preset "heor"\. Did you mean "hero"\?/],
    ['a missing file', './heor.jpg?preset=hero', /There is no file .*heor\.jpg\. Did you mean "hero\.jpg"\?/],
    ['a file that is no image', './note.txt?preset=hero', /UNSUPPORTED_FORMAT/],
    ['a damaged image', './bad.jpg?preset=hero', /CORRUPT_IMAGE/],
  ])('fails for %s, and names the import and its module', async (_, source, reason) => {
    const project = await makeVite(PRINT.replace('./hero.jpg?preset=hero', source))
    await project.write('src/note.txt', 'a note')
    await project.copy('broken/truncated.jpg', 'src/bad.jpg')
    const message = await messageOf(buildVite(project))
    expect(message).toMatch(reason)
    expect(message).toContain(`${source.slice(2)}, imported by src/main.js`)
  })

  it('fails if two sources would have one output', async () => {
    const project = await makeVite(`import a from './hero.jpg?preset=tiny'
import b from './hero.png?preset=tiny'
globalThis.shown = [a, b]`)
    await project.copy('photos/landscape.jpg', 'src/hero.png')
    expect(await messageOf(buildVite(project))).toContain('(OUTPUT_COLLISION)')
  })

  it('writes declarations of the presets, with which imports compile', async () => {
    const project = await makeVite(PRINT)
    await buildVite(project, { types: 'src/imgproc-env.d.ts' })
    const declared = await readFile(project.at('src/imgproc-env.d.ts'), 'utf8')
    expect(declared).toBe(
      declareModules(['avatar', 'hero', 'placeholder', 'responsive', 'social', 'thumb', 'tiny', 'web']),
    )
    await mkdir(project.at('node_modules'))
    await symlink(ROOT, project.at('node_modules/imgproc'))
    await project.write(
      'src/page.ts',
      `import hero, { entry } from './hero.jpg?preset=hero'
import src from './hero.jpg?preset=hero&as=src'
const text: string = src + hero.img.src + hero.sources.map(({ srcset }) => srcset).join()
const width: number = hero.img.width
// @ts-expect-error the page has to write it
hero.img.alt
export { text, width, entry }`,
    )
    const options = { module: 'esnext', moduleResolution: 'bundler', strict: true, noEmit: true, types: [] }
    await project.write('tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['src/*.ts'] }))
    const tsc = [`${ROOT}node_modules/typescript/bin/tsc`, '-p', project.path]
    expect(() => execFileSync(process.execPath, tsc, { encoding: 'utf8' })).not.toThrow()
  })
})

describe('vite dev', () => {
  it('makes nothing until a picture is requested, and then as a build does', async () => {
    const project = await makeVite(PRINT)
    const { server, origin } = await serveVite(project, {}, { base: '/app/' })
    const urls = urlsIn(await moduleOf(server))
    expect(urls.map((url) => url.replace(/\w{16}/, 'ID'))).toEqual([
      '/app/@imgproc/ID/hero.hero-100w.webp',
      '/app/@imgproc/ID/hero.hero-100w.jpg',
      '/app/@imgproc/ID/hero.hero-200w.webp',
      '/app/@imgproc/ID/hero.hero-200w.jpg',
    ])
    expect(await project.files('cache')).toEqual([])
    const answers = await Promise.all(urls.map((url) => fetch(origin + url)))
    expect(answers.map(({ status, headers }) => [status, headers.get('content-type')])).toEqual([
      [200, 'image/webp'],
      [200, 'image/jpeg'],
      [200, 'image/webp'],
      [200, 'image/jpeg'],
    ])
    expect(Buffer.from(await answers[3]!.arrayBuffer())).toEqual(
      await readFile(project.at('cache/src/hero.hero-200w.jpg')),
    )
    const before = await snapshot(project)
    await buildVite(project)
    expect(await snapshot(project)).toEqual(before)
  })

  it('tells the same sizes before the outputs are made as after', async () => {
    const project = await makeVite(PRINT)
    const { server } = await serveVite(project)
    const planned = await moduleOf(server)
    await buildVite(project)
    server.moduleGraph.invalidateAll()
    const made = await moduleOf(server)
    const picture = (code: string) => code.slice(code.indexOf('export default')).replaceAll(/\?t=\d+/g, '')
    expect(picture(planned)).toBe(picture(made))
  })

  it('gives new URLs when the source changes', async () => {
    const project = await makeVite(PRINT)
    const { server, origin } = await serveVite(project)
    const [before = ''] = urlsIn(await moduleOf(server))
    const size = (await (await fetch(origin + before)).arrayBuffer()).byteLength
    await project.copy('photos/progressive.jpg', 'src/hero.jpg')
    await expect.poll(async () => urlsIn(await moduleOf(server))[0]).not.toBe(before)
    const [after = ''] = urlsIn(await moduleOf(server))
    expect((await (await fetch(origin + after)).arrayBuffer()).byteLength).not.toBe(size)
  })

  it('reads the config again when it changes, also after a mistake in it', async () => {
    const project = await makeVite(PRINT)
    const { server } = await serveVite(project)
    expect(await moduleOf(server)).toContain('"width":200')
    await project.write('.imgprocrc.yaml', CONFIG.replace('200', '"wide"'))
    await expect.poll(() => messageOf(moduleOf(server))).toContain('(INVALID_CONFIG)')
    // The watcher of Vite joins changes that follow each other faster than people write.
    await sleep(200)
    await project.write('.imgprocrc.yaml', CONFIG.replace('200', '300'))
    await expect.poll(() => moduleOf(server).catch(String)).toContain('"width":300')
  })

  it('answers with the error of a picture that cannot be made, and 404 for an unknown one', async () => {
    const project = await makeVite(PRINT.replace('hero.jpg', 'bad.jpg'))
    await project.copy('broken/truncated.jpg', 'src/hero.jpg')
    const { server, origin } = await serveVite(project)
    const [url = ''] = urlsIn(await moduleOf(server))
    const answer = await fetch(origin + url)
    expect([answer.status, await answer.text()]).toEqual([
      500,
      expect.stringContaining('The image is damaged'),
    ])
    expect((await fetch(`${origin}/@imgproc/0000/a.jpg`)).status).toBe(404)
  })
})
