import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderRendition } from '../../src/render/render-rendition.js'
import { drawFrames, encodeSequence, hasAvifTools, setPlays } from '../support/avif-sequences.js'
import { open } from '../support/own-formats.js'
import { CHROMIUM, openBrowser } from './chromium.js'
import { decodeInPage, openSecurePage } from './decode-in-page.js'

const [WIDTH, HEIGHT, COUNT] = [61, 43, 5]
const frames = drawFrames(WIDTH, HEIGHT, COUNT, true)

describe.skipIf(CHROMIUM === undefined || !(await hasAvifTools()))('the frames of an animated AVIF', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await openBrowser()
    page = await openSecurePage(browser)
  })
  afterAll(() => browser.close())

  it('are as many as in Chromium, with the same times and alpha', async () => {
    for (const options of [
      ['-y', '420'],
      ['-d', '10'],
      ['-k', '2'],
    ]) {
      const file = await encodeSequence({ width: WIDTH, height: HEIGHT, frames, options })
      const shown = await decodeInPage(page, file, 'image/avif')
      const image = await open(file)
      const { data } = await renderRendition(image, [{ format: { type: 'webp', lossless: true } }])
      const pixels = await sharp(data, { animated: true }).ensureAlpha().raw().toBuffer()
      expect(shown.frames.map(({ duration }) => duration)).toEqual(image.metadata.delay)
      const right = Buffer.concat(shown.frames.map((frame) => Buffer.from(frame.pixels, 'base64')))
      expect(pixels.length).toBe(right.length)
      for (let at = 3; at < right.length; at += 4)
        expect(Math.abs(pixels[at]! - right[at]!), `${options.join(' ')}, ${at}`).toBeLessThanOrEqual(2)
    }
  })

  it('play as often as in Chromium', async () => {
    const plain = await encodeSequence({ width: WIDTH, height: HEIGHT, frames })
    const files = [plain, ...[1, 3, Infinity].map((plays) => setPlays(plain, plays))]
    const shown = await Promise.all(files.map(async (file) => decodeInPage(page, file, 'image/avif')))
    const loops = await Promise.all(files.map(async (file) => (await open(file)).metadata.loop))
    expect(shown.map(({ repetitions }) => (repetitions === null ? 0 : repetitions + 1))).toEqual(loops)
  })

  it('are one if the brand is that of a still', async () => {
    const file = await encodeSequence({ width: WIDTH, height: HEIGHT, frames })
    file.write('avif', 8, 'latin1')
    expect((await decodeInPage(page, file, 'image/avif')).frames).toHaveLength(1)
  })
})
