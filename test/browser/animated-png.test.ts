import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { apngs } from '../../torture/grammar/apng.js'
import { expectPixels } from '../support/frames.js'
import { open } from '../support/own-formats.js'
import { CHROMIUM, openBrowser } from './chromium.js'

/** Frames as Chromium decodes them: base64 of RGBA, and milliseconds. */
interface ShownFrame {
  readonly pixels: string
  readonly duration: number
}

/** Decodes all frames of a file in a page. WebCodecs gives each frame as it is shown. */
async function decodeInPage(page: Page, bytes: Buffer): Promise<readonly ShownFrame[]> {
  return page.evaluate<readonly ShownFrame[]>(`(async () => {
    const data = Uint8Array.from(atob('${bytes.toString('base64')}'), (one) => one.charCodeAt(0))
    const decoder = new ImageDecoder({ data, type: 'image/png', premultiplyAlpha: 'none', preferAnimation: true })
    await decoder.tracks.ready
    await decoder.completed
    const frames = []
    for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex++) {
      const { image } = await decoder.decode({ frameIndex })
      const pixels = new Uint8Array(image.allocationSize({ format: 'RGBA' }))
      await image.copyTo(pixels, { format: 'RGBA' })
      frames.push({ pixels: btoa(String.fromCharCode(...pixels)), duration: image.duration / 1000 })
      image.close()
    }
    return frames
  })()`)
}

describe.skipIf(CHROMIUM === undefined)('the frames of an APNG', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await openBrowser()
    page = await browser.newPage()
    // WebCodecs needs a secure context.
    await page.route('https://pictures.example/', async (route) =>
      route.fulfill({ body: '<title>a</title>', contentType: 'text/html' }),
    )
    await page.goto('https://pictures.example/')
  })
  afterAll(() => browser.close())

  it('are those that Chromium shows, in all kinds of files', async () => {
    let compared = 0
    for (const { name, bytes, expected } of apngs()) {
      const shown = await decodeInPage(page, bytes)
      const image = await open(bytes)
      const data = await sharp(image.bytes, { animated: true })
        .toColourspace('srgb')
        .ensureAlpha()
        .raw()
        .toBuffer()
      const frames = shown.map(({ pixels }) => Buffer.from(pixels, 'base64'))
      expect(frames.length, name).toBe(expected.frames.length)
      // Chromium blends in 8 bits, premultiplied, which rounds at each frame.
      expectPixels(data, { ...expected, frames }, 3, name)
      compared++
      if (shown.length < 2) continue
      // Browsers show frames of up to 10 ms for 100 ms.
      const right = expected.delays.map((ms) => (ms <= 10 ? 100 : ms))
      for (const [at, { duration }] of shown.entries())
        expect(
          Math.abs((duration <= 10 ? 100 : duration) - right[at]!),
          `${name}, frame ${at}`,
        ).toBeLessThanOrEqual(1)
    }
    expect(compared).toBeGreaterThan(200)
  })
})
