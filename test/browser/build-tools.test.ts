import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { build, createServer, preview, type InlineConfig } from 'vite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import imgproc from '../../src/build-tools/vite/index.js'
import { makeSite } from '../build-tools/site.js'
import type { Project } from '../support/project.js'
import { CHROMIUM, openBrowser, openPage, type WatchedPage } from './chromium.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Builds the elements as a component of a framework does. */
const PAGE = `import hero from './hero.jpg?preset=hero'
const create = (tag, attributes) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  return node
}
const picture = document.createElement('picture')
picture.append(...hero.sources.map((source) => create('source', source)), create('img', { ...hero.img, alt: 'A house' }))
document.body.append(picture)
import.meta.hot?.accept()
`

async function makeViteSite(): Promise<Project> {
  const project = await makeSite()
  await project.write(
    'index.html',
    '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>A</title><body><script type="module" src="/src/main.js"></script>',
  )
  await project.write('src/main.js', PAGE)
  return project
}

function configOf(project: Project, base: string): InlineConfig {
  const server = { host: '127.0.0.1', port: 0 }
  const shared = { root: project.path, configFile: false, logLevel: 'silent', base, server } as const
  return { ...shared, preview: server, plugins: [imgproc()] }
}

/** Waits until the picture of a page is shown, and returns its file without the hash of Vite. */
async function readPicture({ page, complaints }: WatchedPage) {
  await page.waitForFunction("(document.querySelector('picture img')?.naturalWidth ?? 0) > 0")
  const file = await page.evaluate<string>(
    "document.querySelector('picture img').currentSrc.split('/').at(-1)",
  )
  return { file: file.replace(/-[\w-]{8}(?=\.\w+$)/, ''), complaints }
}

const SHOWN = { file: 'hero.hero-200w.webp', complaints: [] }

describe.skipIf(CHROMIUM === undefined)('pictures of build tools in a page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  it.each(['/', '/app/', './'])('are shown by a build of Vite with the base %s', async (base) => {
    const project = await makeViteSite()
    await build(configOf(project, base))
    const server = await preview(configOf(project, base))
    onTestFinished(() => server.close())
    const url = server.resolvedUrls?.local[0] ?? ''
    expect(await readPicture(await openPage(browser, url))).toEqual(SHOWN)
  })

  it('are shown by the development server of Vite, also after the source has changed', async () => {
    const project = await makeViteSite()
    const server = await createServer(configOf(project, '/app/'))
    onTestFinished(() => server.close())
    await server.listen()
    const watched = await openPage(browser, server.resolvedUrls?.local[0] ?? '')
    expect(await readPicture(watched)).toEqual(SHOWN)
    const before = await watched.page.evaluate<string>("document.querySelector('picture img').currentSrc")
    await project.copy('photos/progressive.jpg', 'src/hero.jpg')
    // The page accepts the update, and appends the new picture.
    await watched.page.waitForFunction("(document.querySelectorAll('picture img')[1]?.naturalWidth ?? 0) > 0")
    const after = await watched.page.evaluate<string>(
      "document.querySelectorAll('picture img')[1].currentSrc",
    )
    expect(after).not.toBe(before)
    expect(watched.complaints).toEqual([])
  })

  it('show the error in the overlay of Vite if they cannot be made', async () => {
    const project = await makeViteSite()
    await project.write('src/main.js', PAGE.replace('preset=hero', 'preset=heor'))
    const server = await createServer(configOf(project, '/'))
    onTestFinished(() => server.close())
    await server.listen()
    const { page } = await openPage(browser, server.resolvedUrls?.local[0] ?? '')
    const text = await page.locator('vite-error-overlay .message-body').textContent()
    expect(text).toContain('There is no preset "heor". Did you mean "hero"?')
    expect(text).toContain('src/hero.jpg?preset=heor, imported by src/main.js')
  })

  it('are shown by a build of Eleventy, from the shortcode and the transform', async () => {
    const project = await makeSite()
    await mkdir(project.at('node_modules'))
    await symlink(ROOT, project.at('node_modules/imgproc'))
    await project.write('package.json', '{ "type": "module" }')
    await project.write(
      'eleventy.config.js',
      "import imgproc from 'imgproc/eleventy'\nexport default (config) => { config.addPlugin(imgproc, { preset: 'hero' }) }",
    )
    await project.write(
      'src/index.njk',
      '<!doctype html><title>A</title><link rel="icon" href="data:,">{% image "hero.jpg", "hero", "A house" %}<p><img src="hero.jpg" alt="The same"></p>',
    )
    const eleventy = `${ROOT}node_modules/@11ty/eleventy/cmd.cjs`
    await promisify(execFile)(process.execPath, [eleventy, '--input=src'], { cwd: project.path })
    const watched = await openPage(browser, await serveFolder(project.at('_site')))
    expect(await readPicture(watched)).toEqual(SHOWN)
    await watched.page.waitForFunction('[...document.images].every(({ naturalWidth }) => naturalWidth > 0)')
    expect(await watched.page.evaluate('document.images.length')).toBe(2)
  })
})

/** Serves the files of a folder, and returns the URL. */
async function serveFolder(folder: string): Promise<string> {
  const server = createHttpServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : decodeURIComponent(request.url ?? '')
    createReadStream(folder + path)
      .on('error', () => response.writeHead(404).end())
      .pipe(response)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
}
