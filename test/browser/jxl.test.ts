import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { picture } from '../../src/report/picture/picture.js'
import { run } from '../../src/run/run.js'
import { transform } from '../../src/transform.js'
import { makeProject } from '../support/project.js'
import { CHROMIUM, openBrowser, openPage } from './chromium.js'

const SHOTS = process.env['IMGPROC_SHOTS']

/** Reads the pixels of a picture as the browser shows them on an sRGB screen. */
const readCanvas = (id: string) => `document.querySelector('#${id}').decode().then(() => {
  const image = document.querySelector('#${id}')
  const canvas = Object.assign(document.createElement('canvas'), { width: image.naturalWidth, height: image.naturalHeight })
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  return [...context.getImageData(0, 0, canvas.width, canvas.height).data]
})`

describe.skipIf(CHROMIUM === undefined)('JPEG XL in a page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  it('shows the colours of lossy, lossless, transparent, grey, wide and deep pictures', async () => {
    const project = await makeProject()
    const wide: ImageOp[] = [{ metadata: 'icc' }]
    const cases: Record<string, [photo: string, format: object, more?: ImageOp[]]> = {
      lossy: ['landscape.jpg', {}],
      lossless: ['flat-art.png', { lossless: true }],
      alpha: ['alpha.png', { lossless: true }],
      grey: ['grey.jpg', { lossless: true }],
      wide: ['display-p3.jpg', { lossless: true }, wide],
      deep: ['deep.png', { lossless: true }],
      animated: ['animated.gif', { lossless: true }],
    }
    const expected: Record<string, Buffer> = {}
    let html = '<!doctype html><title>A</title><style>body { background: #ddd } img { width: 240px }</style>'
    for (const [id, [photo, options, more = []]] of Object.entries(cases)) {
      const source = new URL(`../../fixtures/photos/${photo}`, import.meta.url)
      const format = { type: 'jxl', ...options } as const
      const { data } = await transform(source, [{ thumbnail: '240x240' }, { format }, ...more])
      const shown = await transform(data, [{ format: 'png' }])
      expected[id] = await sharp(shown.data)
        .toColourspace('srgb')
        .ensureAlpha()
        .raw({ depth: 'uchar' })
        .toBuffer()
      html += `<img id="${id}" src="data:image/jxl;base64,${data.toString('base64')}">`
    }
    await project.write('page.html', html)
    const { page, complaints } = await openPage(browser, pathToFileURL(project.at('page.html')).href)
    const differences: Record<string, number> = {}
    for (const [id, pixels] of Object.entries(expected)) {
      const values = await page.evaluate<number[]>(readCanvas(id))
      expect(values.length).toBe(pixels.length)
      // A canvas multiplies by alpha, which rounds the colours of transparent pixels.
      const opaque = values.flatMap((value, at) =>
        values[at | 3] === 255 ? [Math.abs(value - pixels[at]!)] : [],
      )
      differences[id] = opaque.reduce((most, value) => Math.max(most, value), 0)
    }
    if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/jxl.png` })
    // Chromium converts Display P3 by itself, in steps of its own.
    for (const [id, most] of Object.entries(differences))
      expect({ id, most }).toEqual({ id, most: Math.min(most, id === 'wide' ? 3 : 1) })
    expect(complaints).toEqual([])
  })

  it('is the first choice of <picture>', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg')
    const presets = {
      web: { widths: [200], formats: ['jxl', { type: 'avif', effort: 0 }, 'webp', 'jpeg'] },
    } as const
    const manifest = await run({ inputs: ['a.jpg'], preset: 'web', presets, out: 'out', cwd: project.path })
      .manifest
    const html = picture(manifest, 'a.jpg', { alt: 'A house', loading: 'eager' })
    await project.write('out/page.html', `<!doctype html><title>A</title>${html}`)
    const { page } = await openPage(browser, pathToFileURL(project.at('out/page.html')).href)
    const file = await page.evaluate<string>(
      `document.querySelector('img').decode().then(() => document.querySelector('img').currentSrc)`,
    )
    expect(file).toMatch(/\.jxl$/)
  })
})
