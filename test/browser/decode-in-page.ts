import type { Browser, Page } from 'playwright-core'

/** Frames as Chromium decodes them: base64 of RGBA, and milliseconds. */
interface ShownFrame {
  readonly pixels: string
  readonly duration: number
}

/** An animation as Chromium plays it. */
interface ShownAnimation {
  readonly frames: readonly ShownFrame[]
  /** Number of times it plays after the first; null is endless. */
  readonly repetitions: number | null
}

/** Opens a page in which WebCodecs works: it needs a secure context. */
export async function openSecurePage(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  await page.route('https://pictures.example/', async (route) =>
    route.fulfill({ body: '<title>a</title>', contentType: 'text/html' }),
  )
  await page.goto('https://pictures.example/')
  return page
}

/**
 * Decodes all frames of a file in a page. WebCodecs gives each frame as it is shown, except for the colours of AVIF: 42,0,14 in a
 * lossless file with alpha comes as 32,0,0.
 */
export async function decodeInPage(
  page: Page,
  bytes: Buffer,
  type: string,
  preferAnimation?: boolean,
): Promise<ShownAnimation> {
  return page.evaluate<ShownAnimation>(`(async () => {
    const data = Uint8Array.from(atob('${bytes.toString('base64')}'), (one) => one.charCodeAt(0))
    const decoder = new ImageDecoder({ data, type: '${type}', premultiplyAlpha: 'none', preferAnimation: ${preferAnimation} })
    await decoder.tracks.ready
    await decoder.completed
    const { frameCount, repetitionCount } = decoder.tracks.selectedTrack
    const frames = []
    for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
      const { image } = await decoder.decode({ frameIndex })
      const pixels = new Uint8Array(image.allocationSize({ format: 'RGBA' }))
      await image.copyTo(pixels, { format: 'RGBA' })
      frames.push({ pixels: btoa(String.fromCharCode(...pixels)), duration: image.duration / 1000 })
      image.close()
    }
    return { frames, repetitions: Number.isFinite(repetitionCount) ? repetitionCount : null }
  })()`)
}
