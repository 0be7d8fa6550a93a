import { copyFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Manifest, ManifestEntry } from '../../src/manifest/types.js'
import { writeReport } from '../../src/report/page/write-report.js'
import { imgproc } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'
import { findFaults, shoot } from './axe.js'
import { CHROMIUM, openBrowser, openPage } from './chromium.js'

const HOSTILE = `<img src=x onerror="document.title='hacked'">.jpg`

describe.skipIf(CHROMIUM === undefined)('report', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  async function openReport(project: Project, flags: readonly string[] = [], view: object = {}) {
    const { stderr } = await imgproc(project, ['report', ...flags])
    expect(stderr).not.toContain('warning')
    return openPage(browser, pathToFileURL(project.at('thumbs/report.html')).href, view)
  }

  it.each([[['--embed']], [['--no-embed']]])(
    'opens from the disk with %j, shows each picture, and asks for nothing else',
    async (flags) => {
      const project = await makeProject()
      await project.copy('photos/landscape.jpg', 'photos/a.jpg', 'photos/50% #1?.jpg')
      await project.copy('photos/alpha.png', 'photos/b.png')
      await imgproc(project, ['thumbs', 'photos'])
      const { page, complaints } = await openReport(project, flags)
      await expect.poll(() => drawnPictures(page)).toBe(6)
      expect(complaints).toEqual([])
      expect(await page.locator('.figure').allTextContents()).toEqual([
        expect.stringMatching(/^Sources3/),
        expect.stringMatching(/^Before[\d.]+ kB/),
        expect.stringMatching(/^After[\d.]+ kB/),
        expect.stringMatching(/^Saved[\d.]+ kB/),
        expect.stringMatching(/^Failed0/),
      ])
      const urls = await page.evaluate<string[]>(
        `performance.getEntriesByType('resource').map(({ name }) => name)`,
      )
      expect(urls.filter((url) => !/^(?:file|data):/.test(url))).toEqual([])
    },
  )

  it('shows a file that is named like an element as text, and failures first with their reason', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await project.write(`photos/${HOSTILE}`, 'no picture')
    await imgproc(project, ['thumbs', 'photos'])
    const { page, complaints } = await openReport(project)
    expect(await page.locator('.entry h2').allTextContents()).toEqual([`photos/${HOSTILE}`, 'photos/a.jpg'])
    expect(await page.locator('.failure').textContent()).toContain('UNSUPPORTED_FORMAT')
    expect(await page.title()).toBe('imgproc thumbs')
    expect(complaints).toEqual([])
  })

  it('filters by name, preset, format and status, sorts, and says how many are left', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg', 'photos/b.jpg')
    await project.copy('photos/alpha.png', 'photos/c.png')
    await imgproc(project, ['thumbs', 'photos'])
    await imgproc(project, ['run', 'photos/b.jpg', '-p', 'web', '-o', 'thumbs'])
    const { page } = await openReport(project)
    const names = () => page.locator('.entry h2').allTextContents()
    await page.getByLabel('Format').selectOption({ label: 'PNG' })
    expect(await names()).toEqual(['photos/c.png'])
    expect(await page.locator('#count').textContent()).toBe('1 of 3 sources')
    await page.getByLabel('Format').selectOption({ label: 'All' })
    await page.getByLabel('Preset').selectOption('web')
    expect(await names()).toEqual(['photos/b.jpg'])
    expect(await page.locator('button.tile').count()).toBe(1)
    await page.getByLabel('Preset').selectOption('')
    await page.getByLabel('Sort by').selectOption({ label: 'Greatest saving' })
    expect((await names()).at(-1)).toBe('photos/b.jpg')
    await page.getByRole('searchbox').fill('nothing')
    expect(await page.locator('#empty').isVisible()).toBe(true)
  })

  it('compares a source and an output at equal scale, by a slider, one at a time, and by the keyboard', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await imgproc(project, ['run', 'photos', '--resize', '300', '-f', 'webp:quality=10', '-o', 'thumbs'])
    const { page, complaints } = await openReport(project)
    await page.locator('button.tile').focus()
    await page.keyboard.press('Enter')
    const boxes = await Promise.all(['#before', '#after'].map((id) => page.locator(id).boundingBox()))
    expect(boxes[0]).toEqual(boxes[1])
    const clip = () => page.evaluate<string>(`getComputedStyle(document.querySelector('#before')).clipPath`)
    expect(await clip()).toBe('inset(0px 50% 0px 0px)')
    await page.getByLabel('Before | after').focus()
    await page.keyboard.press('End')
    expect(await clip()).toBe('inset(0px 0% 0px 0px)')
    const { x, y, width, height } = boxes[0]!
    await page.mouse.move(x + width / 4, y + height / 2)
    await page.mouse.down()
    await page.mouse.up()
    expect(await clip()).toBe('inset(0px 75% 0px 0px)')
    await page.getByRole('button', { name: 'Swap' }).click()
    expect([await page.locator('#before').isVisible(), await page.locator('#after').isVisible()]).toEqual([
      true,
      false,
    ])
    await page.getByRole('button', { name: 'Swap' }).click()
    expect([await page.locator('#before').isVisible(), await page.locator('#after').isVisible()]).toEqual([
      false,
      true,
    ])
    expect(await page.locator('#compare-facts').textContent()).toContain('After: WebP · 300 × 225')
    await page.keyboard.press('Escape')
    expect(await page.locator('#compare').isVisible()).toBe(false)
    expect(complaints).toEqual([])
  })

  it('keeps few of 5,000 sources in the page, wherever it is scrolled to, and every one can be reached', async () => {
    const project = await makeProject()
    const file = await writeLarge(project, 5000)
    const { page, complaints } = await openPage(browser, pathToFileURL(file).href)
    const rows = page.locator('.entry')
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    await expect.poll(() => rows.last().locator('h2').textContent()).toBe('photos/4999.jpg')
    for (const part of [0.8, 0.2, 0.5]) {
      await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight * ${part})`)
      const index = Math.round(5000 * part)
      await expect.poll(() => nearest(page, index)).toBeLessThan(20)
      expect(await rows.count()).toBeLessThan(20)
    }
    expect(await rows.first().getAttribute('aria-setsize')).toBe('5000')
    await rows.nth(3).focus()
    const before = await page.evaluate<string>('document.activeElement.dataset.index')
    await page.keyboard.press('PageDown')
    expect(await page.evaluate<string>('document.activeElement.dataset.index')).toBe(
      String(Number(before) + 1),
    )
    await page.evaluate('scrollTo(0, 0)')
    await expect.poll(() => nearest(page, 0)).toBe(0)
    expect(await page.evaluate<string>('document.activeElement.dataset.index')).toBe(
      String(Number(before) + 1),
    )
    expect(complaints).toEqual([])
  })

  it.each([
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
    { width: 390, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
  ] as const)(
    'has no serious fault of accessibility and no sideways scroll at $width px, $colorScheme',
    async ({ width, colorScheme }) => {
      const project = await makeProject()
      const photos = [
        'landscape.jpg',
        'portrait.webp',
        'alpha.png',
        'animated.gif',
        'photo.avif',
        'drawing.svg',
      ]
      for (const name of photos) await project.copy(`photos/${name}`, `photos/${name}`)
      await project.write('photos/broken.jpg', 'no picture')
      await makeResponsive(project)
      const viewport = { width, height: width === 390 ? 844 : 900 }
      const { page } = await openReport(project, [], { colorScheme, viewport })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(await findFaults(page)).toEqual([])
      const shots = process.env.IMGPROC_SHOTS
      if (shots !== undefined) await shoot(page, `${shots}/report-${width}-${colorScheme}.png`)
      await page.locator('button.tile').first().click()
      expect(await findFaults(page)).toEqual([])
      if (shots !== undefined) await page.screenshot({ path: `${shots}/compare-${width}-${colorScheme}.png` })
    },
  )
})

/** Makes three widths in two formats of the photos, into `thumbs`. */
async function makeResponsive(project: Project): Promise<void> {
  const sizes = ['--widths', '100,200,400', '--formats', 'webp,jpeg']
  await imgproc(project, ['run', 'photos', ...sizes, '-o', 'thumbs'])
}

/** Returns the number of pictures that the browser has decoded. */
async function drawnPictures(page: Page): Promise<number> {
  return page.evaluate<number>(
    `[...document.querySelectorAll('.entry img')].filter(({ naturalWidth }) => naturalWidth > 0).length`,
  )
}

/** Returns the distance of a source to the nearest that is in the page. */
async function nearest(page: Page, index: number): Promise<number> {
  return page.evaluate<number>(
    `Math.min(...[...document.querySelectorAll('.entry')].map(({ dataset }) => Math.abs(dataset.index - ${index})))`,
  )
}

/** Writes a report about many copies of one entry. */
async function writeLarge(project: Project, count: number): Promise<string> {
  await project.copy('photos/landscape.jpg', 'photos/0000.jpg')
  await makeResponsive(project)
  const { readManifest } = await import('../../src/manifest/read-manifest.js')
  const { entries, ...head } = await readManifest(project.at('thumbs/manifest.json'))
  const [entry] = entries as [ManifestEntry] // of one photo
  const many = Array.from({ length: count }, (_, index): ManifestEntry => {
    const path = `photos/${String(index).padStart(4, '0')}.jpg`
    return { ...entry, id: String(index), source: { ...entry.source, path } }
  })
  for (const { source } of many.slice(1))
    await copyFile(project.at('photos/0000.jpg'), project.at(source.path))
  const manifest: Manifest = { ...head, entries: many }
  const file = project.at('thumbs/report.html')
  await writeReport({ manifests: [{ manifest, folder: project.at('thumbs') }], root: project.path, file })
  return file
}
