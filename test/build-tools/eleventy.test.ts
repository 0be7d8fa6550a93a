import { readFile, stat } from 'node:fs/promises'
// @ts-expect-error Eleventy has no types
import { Eleventy } from '@11ty/eleventy'
import { describe, expect, it, onTestFinished } from 'vitest'
import imgproc, { type EleventyPluginOptions } from '../../src/build-tools/eleventy/index.js'
import type { Project } from '../support/project.js'
import { CONFIG, makeSite, snapshot } from './site.js'

/** Builds the site in `src/` into `_site/`. Eleventy works in the working directory. */
async function buildSite(project: Project, options: EleventyPluginOptions = {}): Promise<void> {
  const before = process.cwd()
  process.chdir(project.path)
  onTestFinished(() => process.chdir(before))
  const eleventy = new Eleventy('src', '_site', {
    quietMode: true,
    configPath: false,
    config: (config: { addPlugin(plugin: unknown, options: unknown): void }) =>
      config.addPlugin(imgproc, options),
  })
  eleventy.disableLogger()
  await eleventy.write()
}

async function read(project: Project, file: string): Promise<string> {
  return readFile(project.at(`_site/${file}`), 'utf8')
}

/** Returns the messages of an error and of its causes, in which Eleventy keeps that of a shortcode. */
async function messagesOf(action: Promise<unknown>): Promise<string> {
  try {
    await action
    return 'no error'
  } catch (error) {
    const messages: string[] = []
    for (let one: unknown = error; one instanceof Error;) {
      messages.push(one.message)
      one = (one as { originalError?: unknown }).originalError ?? one.cause
    }
    return messages.join('\n')
  }
}

const PICTURE =
  '<picture><source type="image/webp" srcset="/img/src/hero.hero-100w.webp 100w, /img/src/hero.hero-200w.webp 200w" sizes="100vw" width="200" height="150">' +
  '<img src="/img/src/hero.hero-200w.jpg" srcset="/img/src/hero.hero-100w.jpg 100w, /img/src/hero.hero-200w.jpg 200w" sizes="100vw" width="200" height="150" alt="A &quot;house&quot;" loading="lazy" decoding="async"></picture>'

describe('the shortcode of Eleventy', () => {
  it.each([
    ['Liquid', 'index.liquid', `<p>{% image "hero.jpg", "hero", 'A "house"' %}</p>`],
    ['Nunjucks', 'index.njk', `<p>{% image "hero.jpg", "hero", 'A "house"' %}</p>`],
    [
      'JavaScript',
      'index.11ty.js',
      `export default async function () { return '<p>' + await this.image('hero.jpg', 'hero', 'A "house"') + '</p>' }`,
    ],
    ['Markdown', 'index.md', `{% image "hero.jpg", "hero", 'A "house"' %}`],
  ])('writes a picture in %s, and copies its outputs into the site', async (_, file, code) => {
    const project = await makeSite()
    await project.write('package.json', '{ "type": "module" }')
    await project.write(`src/${file}`, code)
    await buildSite(project)
    expect((await read(project, 'index.html')).trim()).toBe(`<p>${PICTURE}</p>`)
    expect(await project.files('_site/img')).toEqual([
      'src/hero.hero-100w.jpg',
      'src/hero.hero-100w.webp',
      'src/hero.hero-200w.jpg',
      'src/hero.hero-200w.webp',
    ])
  })

  it('takes sizes or settings last, and an empty text for a decoration', async () => {
    const project = await makeSite()
    await project.write(
      'src/index.njk',
      '{% image "/hero.jpg", "hero", "", "50vw" %}{% image "src/hero.jpg", "tiny", "", { loading: "eager" } %}',
    )
    await buildSite(project, { picture: { class: 'photo' } })
    const html = await read(project, 'index.html')
    expect(html).toContain('sizes="50vw"')
    expect(html.match(/alt="" loading="\w+" decoding="async" class="photo"/g)).toEqual([
      'alt="" loading="lazy" decoding="async" class="photo"',
      'alt="" loading="eager" decoding="async" class="photo"',
    ])
  })

  it.each([
    ['without a text alternative', '"hero.jpg", "hero"', /needs a text alternative/],
    ['with an unknown preset', '"hero.jpg", "heor", "A"', /Did you mean "hero"\?/],
    [
      'with a missing file',
      '"hreo.jpg", "hero", "A"',
      /There is no file .*hreo\.jpg.* Did you mean "hero\.jpg"\?/,
    ],
    ['without a preset', '"hero.jpg"', /The shortcode needs a source, a preset/],
  ])('fails %s, and names the call and its page', async (_, words, reason) => {
    const project = await makeSite()
    await project.write('src/index.liquid', `{% image ${words} %}`)
    const message = await messagesOf(buildSite(project))
    expect(message).toMatch(reason)
    expect(message).toMatch(/\{% image .* in \.\/src\/index\.liquid/)
  })
})

describe('the transform of Eleventy', () => {
  it('replaces an img that names a preset, and keeps its attributes', async () => {
    const project = await makeSite()
    await project.write(
      'src/a/index.html',
      '<img data-preset="hero" src="../hero.jpg?v=1#top" alt="A &amp; B" id="one" class="wide" sizes="50vw" loading="eager" fetchpriority="high" style="margin: 0">',
    )
    await buildSite(project)
    expect(await read(project, 'a/index.html')).toBe(
      PICTURE.replaceAll('100vw', '50vw').replace(
        /alt=.*><\/picture>/,
        'alt="A &amp; B" loading="eager" decoding="async" fetchpriority="high" class="wide" id="one" style="margin: 0"></picture>',
      ),
    )
  })

  it('replaces every local img with a default preset, except pictures, other servers and an empty preset', async () => {
    const project = await makeSite()
    const others = [
      '<picture><img src="hero.jpg"></picture>',
      '<img src="https://example.com/a.jpg">',
      '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
      '<img src="logo.svg">',
    ]
    await project.write(
      'src/index.html',
      `${others.join('')}<img src="hero.jpg" data-preset=""><p><img src="hero.jpg" alt="A" width="50"></p>{% image "hero.jpg", "tiny", "B" %}`,
    )
    await buildSite(project, { preset: 'hero' })
    const html = await read(project, 'index.html')
    expect(html.startsWith(`${others.join('')}<img src="hero.jpg"><p><picture><source `)).toBe(true)
    expect(html).toContain('alt="A" loading="lazy" decoding="async" width="50"></picture>')
    expect(html.match(/<picture>/g)).toHaveLength(3)
  })

  it('fills a picture of the page whose img names a preset', async () => {
    const project = await makeSite()
    await project.write(
      'src/index.html',
      '<picture><source media="print" srcset="a.jpg"><img src="hero.jpg" data-preset="hero" alt=""></picture>',
    )
    await buildSite(project)
    expect(await read(project, 'index.html')).toMatch(
      /^<picture><source media="print" srcset="a.jpg"><source type="image\/webp" [^>]*><img [^>]*alt=""[^>]*><\/picture>$/,
    )
  })

  it('fails for an img without alt, and names it and its page', async () => {
    const project = await makeSite()
    await project.write('src/index.html', '<img src="hero.jpg" data-preset="hero">')
    const message = await messagesOf(buildSite(project))
    expect(message).toMatch(/needs a text alternative/)
    expect(message).toContain('<img src="hero.jpg"> of ./src/index.html (INVALID_USAGE)')
  })
})

describe('a site of Eleventy', () => {
  it('makes and copies nothing in a second build', async () => {
    const project = await makeSite()
    await project.write('src/index.html', '<img src="hero.jpg" data-preset="hero" alt="">')
    await buildSite(project)
    const copy = () => stat(project.at('_site/img/src/hero.hero-100w.jpg'))
    const [before, copied] = [await snapshot(project), await copy()]
    await buildSite(project)
    expect(await snapshot(project)).toEqual(before)
    expect((await copy()).ctimeMs).toBe(copied.ctimeMs)
  })

  it('has the outputs in place if the config puts them into the site, and below the baseUrl otherwise', async () => {
    const project = await makeSite(CONFIG.replace('out: cache', 'out: _site/pictures'))
    await project.write('src/index.html', '<img src="hero.jpg" data-preset="tiny" alt="">')
    await buildSite(project)
    expect(await read(project, 'index.html')).toContain('src="/pictures/src/hero.tiny.png"')
    expect(await project.files('_site/img')).toEqual([])

    await project.write('.imgprocrc.yaml', `${CONFIG}baseUrl: /media/`)
    await buildSite(project)
    expect(await read(project, 'index.html')).toContain('src="/media/src/hero.tiny.png"')
    expect(await project.files('_site/media')).toEqual(['src/hero.tiny.png'])

    await project.write('.imgprocrc.yaml', `${CONFIG}baseUrl: https://cdn.example/`)
    await buildSite(project)
    expect(await read(project, 'index.html')).toContain('src="https://cdn.example/src/hero.tiny.png"')
  })

  it('makes a picture again when its source or the config has changed', async () => {
    const project = await makeSite()
    await project.write('src/index.html', '<img src="hero.jpg" data-preset="tiny" alt="">')
    await buildSite(project)
    const first = await readFile(project.at('_site/img/src/hero.tiny.png'))
    await project.copy('photos/progressive.jpg', 'src/hero.jpg')
    await buildSite(project)
    const second = await readFile(project.at('_site/img/src/hero.tiny.png'))
    await project.write('.imgprocrc.yaml', CONFIG.replace('resize: 20', 'resize: 30'))
    await buildSite(project)
    const third = await readFile(project.at('_site/img/src/hero.tiny.png'))
    expect([first.equals(second), second.equals(third)]).toEqual([false, false])
    expect(third.readUInt32BE(16)).toBe(30)
  })
})
