import { access } from 'node:fs/promises'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const PATHS = [process.env.IMGPROC_TEST_CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser']

/** Path of the browser; undefined if there is none. */
export const CHROMIUM = await findChromium()

async function findChromium(): Promise<string | undefined> {
  for (const path of PATHS)
    if (
      path !== '' &&
      (await access(path).then(
        () => true,
        () => false,
      ))
    )
      return path
  return undefined
}

/** A page, and everything that its browser complains about. */
export interface WatchedPage {
  readonly page: Page
  /** Errors of the console and of scripts; the browser reports violations of the policy there too. */
  readonly complaints: string[]
}

/** Starts the browser. The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  // Chromium's own sandbox needs rights that root in a container lacks.
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox', '--disable-gpu'] })
}

/** Opens a page in a context of its own, and closes it with the test. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(url)
  return { page, complaints }
}
