import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { serve } from '../support/serve.js'
import { shell } from '../cli/command.js'
import { findFaults, shoot } from './axe.js'
import { CHROMIUM, openBrowser, openPage } from './chromium.js'

const PHOTO = fileURLToPath(new URL('../../fixtures/photos/landscape.jpg', import.meta.url))

describe.skipIf(CHROMIUM === undefined)('demo page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  it('uploads a picture, shows it before and after the steps, and gives a URL that answers with it', async () => {
    const { url } = await serve(await makeProject(), ['--demo'])
    const { page, complaints } = await openPage(browser, url)
    await page.locator('#file').setInputFiles(PHOTO)
    await facts(page, 'before', '800 × 600 px')
    await addStep(page, 'thumbnail', '200')
    await addStep(page, 'rotate', '90')
    await facts(page, 'after', '150 × 200 px')

    const copied = await copy(page, 'URL')
    expect(new URL(copied).pathname).toMatch(/^\/v1\/images\/[\da-f-]+\.jpg$/)
    expect(new URL(copied).search).toBe('?thumbnail=200&rotate=90')
    const response = await fetch(copied)
    expect(response.status).toBe(200)
    expect(await sharp(await response.arrayBuffer()).metadata()).toMatchObject({ width: 150, height: 200 })
    expect(complaints).toEqual([])
  })

  it('gives commands and a config that make the same picture as the URL', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'landscape.jpg')
    const { url } = await serve(project, ['--demo'])
    const { page } = await openPage(browser, url)
    await page.locator('#file').setInputFiles(PHOTO)
    await addPreset(page, 'web')
    await addStep(page, 'modulate', 'saturation=0.5:brightness=1.1')
    await addStep(page, 'trim', 'true')
    await facts(page, 'after', 'WEBP')
    await shell(project, await copy(page, 'Command'))
    const own = await readFile(project.at('landscape-result.webp'))
    await shell(project, (await copy(page, 'curl')).replace(/-o \S+/, '-o fetched.webp'))
    expect(own.equals(await readFile(project.at('fetched.webp')))).toBe(true)

    await project.write('imgproc.config.json', await copy(page, 'Config'))
    const { code } = await shell(project, 'imgproc run landscape.jpg --preset mine -o mine.webp')
    expect(code).toBe(0)
    expect(own.equals(await readFile(project.at('mine.webp')))).toBe(true)
  })

  it('changes the order by buttons, by drag and drop, and by the keyboard, and says so', async () => {
    const { url } = await serve(await makeProject(), ['--demo'])
    const { page } = await openPage(browser, url)
    for (const name of ['thumbnail', 'crop', 'rotate']) await addStep(page, name)
    expect(await stepNames(page)).toEqual(['thumbnail', 'crop', 'rotate'])
    await page.getByRole('button', { name: 'Move rotate up' }).click()
    expect(await stepNames(page)).toEqual(['thumbnail', 'rotate', 'crop'])
    expect(await page.locator('#steps-status').textContent()).toBe('rotate is now step 2 of 3.')
    // The button that was pressed keeps the focus.
    await page.keyboard.press('Enter')
    expect(await stepNames(page)).toEqual(['rotate', 'thumbnail', 'crop'])
    await page
      .locator('.step .grip')
      .nth(2)
      .dragTo(page.locator('.step .grip').nth(0), { targetPosition: { x: 5, y: 2 } })
    expect(await stepNames(page)).toEqual(['crop', 'rotate', 'thumbnail'])
    await page.getByRole('button', { name: 'Remove rotate' }).click()
    expect(await stepNames(page)).toEqual(['crop', 'thumbnail'])
  })

  it('opens a file of a source, and shows the explanation of the server at the step that is wrong', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/summer 1/landscape.jpg')
    await project.write(
      'imgproc.config.json',
      JSON.stringify({ serve: { demo: true, sources: { photos: './photos' } } }),
    )
    const { url } = await serve(project)
    const { page } = await openPage(browser, url)
    await page.getByLabel('Path').fill('summer 1/landscape.jpg')
    await page.getByRole('button', { name: 'Open' }).click()
    await facts(page, 'before', '800 × 600 px')
    await addStep(page, 'blur', '9000')
    await expect
      .poll(() => page.locator('.problem').textContent())
      .toContain('blur: expected a number from 0.3 to 1000')
    expect(await page.getByLabel('Value of blur').getAttribute('aria-invalid')).toBe('true')
    expect(await page.locator('#after img').count()).toBe(0)
    await page.getByLabel('Value of blur').fill('3')
    await facts(page, 'after', '800 × 600 px')
    expect(await page.locator('.problem').isVisible()).toBe(false)
    expect(await copy(page, 'URL')).toBe(`${url}/photos/summer%201/landscape.jpg?blur=3`)
  })

  it('shows a picture that browsers do not show by one that they do', async () => {
    const { url } = await serve(await makeProject(), ['--demo'])
    const { page, complaints } = await openPage(browser, url)
    await page
      .locator('#file')
      .setInputFiles(fileURLToPath(new URL('../../fixtures/photos/phone.heic', import.meta.url)))
    await facts(page, 'before', 'HEIC')
    expect(await page.locator('#before img').isVisible()).toBe(true)
    await facts(page, 'after', 'JPEG')
    expect(complaints).toEqual([])
  })

  it('asks for a token if the server does, keeps it in the tab alone, and copies lines without it', async () => {
    const project = await makeProject()
    const token = 'imgproc_YcLkBIXUQqkFNiY4xNXO-ZldkJavrjymjqMYYyIu0mA'
    const hash = createHash('sha256').update(token).digest('hex')
    const tokens = [{ id: 'web', hash, scopes: ['read', 'write'] }]
    await project.write('imgproc.config.json', JSON.stringify({ serve: { demo: true, tokens } }))
    const { url } = await serve(project)
    const { page } = await openPage(browser, url)
    expect(await page.locator('#token-form').isVisible()).toBe(false)
    await page.locator('#file').setInputFiles(PHOTO)
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Use' }).click()
    await expect.poll(() => page.locator('.problem').textContent()).toContain('does not know the token')
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Use' }).click()
    await facts(page, 'after', '800 × 600 px')
    expect(await page.evaluate('localStorage.length')).toBe(0)
    const line = await copy(page, 'curl')
    expect(line).toContain('Bearer $IMGPROC_TOKEN')
    expect(line).not.toContain(token)
    const { code } = await shell(project, line, { env: { IMGPROC_TOKEN: token } })
    expect(code).toBe(0)
    expect(await project.files()).toContain('landscape-result.jpg')
  })

  it.each([
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
    { width: 390, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
  ] as const)(
    'has no serious fault of accessibility and no sideways scroll at $width px, $colorScheme',
    async (view) => {
      const { width, colorScheme } = view
      const { url } = await serve(await makeProject(), ['--demo'])
      const { page } = await openPage(browser, url, {
        colorScheme,
        viewport: { width, height: width === 390 ? 844 : 900 },
      })
      await page.locator('#file').setInputFiles(PHOTO)
      await addPreset(page, 'responsive')
      await addStep(page, 'rotate', '-12')
      await addStep(page, 'format', 'webp:quality=80')
      await page.locator('.hints summary').last().click()
      await facts(page, 'after', 'WEBP')
      await page.evaluate('document.fonts.ready')
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(await findFaults(page)).toEqual([])
      await page.locator('.hints summary').last().click()
      if (process.env.IMGPROC_SHOTS !== undefined)
        await shoot(page, `${process.env.IMGPROC_SHOTS}/${width}-${colorScheme}.png`)
    },
  )
})

async function addStep(page: Page, name: string, value?: string): Promise<void> {
  await page.locator('#add').selectOption(`operation ${name}`)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  if (value !== undefined) await page.getByLabel(`Value of ${name}`).last().fill(value)
}

async function addPreset(page: Page, name: string): Promise<void> {
  await page.locator('#add').selectOption(`preset ${name}`)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
}

/** Waits until a figure shows a text. */
async function facts(page: Page, figure: 'before' | 'after', text: string): Promise<void> {
  await expect.poll(() => page.locator(`#${figure} .facts`).textContent()).toContain(text)
}

async function stepNames(page: Page): Promise<string[]> {
  return page.locator('.step strong').allTextContents()
}

/** Returns the text that the button of a tab copies. */
async function copy(page: Page, tab: string): Promise<string> {
  await page.getByRole('tab', { name: tab, exact: true }).click()
  await page.getByRole('button', { name: 'Copy' }).click()
  await expect.poll(() => page.locator('#copy-status').textContent()).toBe('Copied')
  const copied = await page.evaluate<string>('navigator.clipboard.readText()')
  await expect.poll(() => page.locator('#copy').textContent()).toBe('Copy')
  return copied
}
