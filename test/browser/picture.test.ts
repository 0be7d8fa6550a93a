import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { picture } from '../../src/report/picture/picture.js'
import type { RunOptions } from '../../src/run/options.js'
import { run } from '../../src/run/run.js'
import { makeProject } from '../support/project.js'
import { CHROMIUM, openBrowser, openPage } from './chromium.js'

describe.skipIf(CHROMIUM === undefined)('picture in a page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  it('loads the file that fits the width and density of the screen, and moves nothing on the page', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a b,.jpg')
    const presets: NonNullable<RunOptions['presets']> = {
      wide: { widths: [200, 400, 800], formats: ['webp', 'jpeg'] },
      square: { ops: [{ crop: '1/1' }], widths: [150, 300], formats: ['webp', 'jpeg'] },
    }
    const options = {
      inputs: ['a b,.jpg'],
      preset: ['wide', 'square'],
      presets,
      out: 'out',
      analyze: ['thumbhash'],
    }
    const manifest = await run({ ...options, cwd: project.path }).manifest
    const html = picture(manifest, 'a b,.jpg', {
      alt: 'A house',
      preset: 'wide',
      sizes: '50vw',
      art: [{ media: '(max-width: 299px)', preset: 'square' }],
      loading: 'eager',
      placeholder: 'thumbhash',
    })
    const style = 'body { margin: 0 } img { display: block; width: 50vw; height: auto }'
    await project.write(
      'out/page.html',
      `<!doctype html><title>A</title><style>${style}</style>${html}<p>Text</p>`,
    )
    const url = pathToFileURL(project.at('out/page.html')).href

    const chosen: Record<string, string> = {}
    for (const width of [250, 400, 800])
      for (const deviceScaleFactor of [1, 2]) {
        const view = { viewport: { width, height: 700 }, deviceScaleFactor }
        const { page, complaints } = await openPage(browser, url, view)
        const file = await page.evaluate<string>(`document.querySelector('img').decode().then(() => {
          const { currentSrc } = document.querySelector('img')
          return decodeURIComponent(currentSrc.split('/').at(-1))
        })`)
        chosen[`${width} px, ${deviceScaleFactor}x`] = file
        const shifts = await page.evaluate<number>(`new Promise((done) => {
          new PerformanceObserver((list) => done(list.getEntries().length)).observe({ type: 'layout-shift', buffered: true })
          setTimeout(() => done(0), 300)
        })`)
        expect(shifts).toBe(0)
        expect(complaints).toEqual([])
      }
    expect(chosen).toEqual({
      '250 px, 1x': 'a b,.square-150w.webp',
      '250 px, 2x': 'a b,.square-300w.webp',
      '400 px, 1x': 'a b,.wide-200w.webp',
      '400 px, 2x': 'a b,.wide-400w.webp',
      '800 px, 1x': 'a b,.wide-400w.webp',
      '800 px, 2x': 'a b,.wide-800w.webp',
    })
  })
})
