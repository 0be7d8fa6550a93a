import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { apngs } from '../../torture/grammar/apng.js'
import { expectPixels } from '../support/frames.js'
import { open } from '../support/own-formats.js'
import { CHROMIUM, openBrowser } from './chromium.js'
import { decodeInPage, openSecurePage } from './decode-in-page.js'

describe.skipIf(CHROMIUM === undefined)('the frames of an APNG', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await openBrowser()
    page = await openSecurePage(browser)
  })
  afterAll(() => browser.close())

  it('are those that Chromium shows, in all kinds of files', async () => {
    let compared = 0
    for (const { name, bytes, expected } of apngs()) {
      const { frames: shown } = await decodeInPage(page, bytes, 'image/png', true)
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
