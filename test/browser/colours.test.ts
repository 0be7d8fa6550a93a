import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { transform } from '../../src/transform.js'
import { CHROMIUM, openBrowser } from './chromium.js'
import { COLOUR_FILES, COLUMNS, isModerate, PATCH, PATCHES, pngOf, type ColourFile } from './colour-files.js'

/** Levels by which a colour may differ. */
const TOLERANCE = 3

/** Returns the colours in the middles of the patches. */
function readPatches(pixels: ArrayLike<number>, channels: number): number[][] {
  return Array.from({ length: PATCHES }, (_, index) => {
    const x = (index % COLUMNS) * PATCH + PATCH / 2
    const y = Math.floor(index / COLUMNS) * PATCH + PATCH / 2
    const at = (y * COLUMNS * PATCH + x) * channels
    return [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!]
  })
}

/** Returns the colours that the browser draws on a canvas, which is sRGB. */
async function drawInBrowser(page: Page, file: Buffer, mime: string): Promise<number[][]> {
  const url = `data:${mime};base64,${file.toString('base64')}`
  const pixels = await page.evaluate<number[]>(`(async () => {
    const image = new Image()
    image.src = ${JSON.stringify(url)}
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth
    canvas.height = image.naturalHeight
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    return [...context.getImageData(0, 0, canvas.width, canvas.height).data]
  })()`)
  return readPatches(pixels, 4)
}

async function drawHere(file: Buffer): Promise<number[][]> {
  const { data } = await transform(file, [{ format: 'png' }])
  const { data: pixels, info } = await sharp(data)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return readPatches(pixels, info.channels)
}

/** A row of the table. Levels from 0 to 255. */
interface Difference {
  readonly file: string
  readonly largest: number
  readonly mean: number
  /** Largest difference of the colours that magnify a rounding of their numbers. */
  readonly saturated: number | ''
  /** The colour that differs most: here, and in the browser. */
  readonly worst: string
}

function compare(
  { name: file, isRounded }: Pick<ColourFile, 'name' | 'isRounded'>,
  ours: readonly number[][],
  theirs: readonly number[][],
): Difference {
  let [largest, saturated, sum] = [-1, 0, 0]
  let worst = ''
  for (const [index, colour] of ours.entries()) {
    const other = theirs[index]!
    const difference = Math.max(...colour.map((value, channel) => Math.abs(value - other[channel]!)))
    sum += difference
    if (isRounded && !isModerate(index)) saturated = Math.max(saturated, difference)
    else if (difference > largest) {
      largest = difference
      worst = `${colour.join(',')} / ${other.join(',')}`
    }
  }
  const mean = Number((sum / ours.length).toFixed(2))
  return { file, largest, mean, saturated: isRounded ? saturated : '', worst }
}

describe.skipIf(CHROMIUM === undefined)('colours of files', () => {
  let browser: Browser
  let page: Page
  const table: Difference[] = []
  beforeAll(async () => {
    browser = await openBrowser()
    page = await browser.newPage()
  })
  afterAll(async () => {
    console.table(table)
    await browser.close()
  })

  async function measure(source: ColourFile): Promise<Difference> {
    const { name, mime, make, sameAsPng } = source
    const file = await make()
    const [ours, theirs] = [await drawHere(file), await drawInBrowser(page, file, mime)]
    const row = compare(source, ours, theirs)
    if (sameAsPng === undefined) {
      table.push(row)
      return row
    }
    const reference = await drawInBrowser(page, await pngOf(sameAsPng), 'image/png')
    const judged = compare({ ...source, name: `${name}: from the same PNG` }, ours, reference)
    table.push(
      row,
      judged,
      compare({ ...source, name: `${name}: Chromium from the same PNG` }, theirs, reference),
    )
    return judged
  }

  it.each(COLOUR_FILES)('are those of Chromium: $name', async (file) => {
    expect((await measure(file)).largest).toBeLessThanOrEqual(TOLERANCE)
  })

  it.each(['png', 'jpeg', 'webp', 'avif'] as const)(
    'stay the same in %s if the profile is kept',
    async (format) => {
      const names = new Set([
        'PNG, cICP 12/13 (Display P3)',
        'PNG, gAMA 1',
        'PNG, ICC of Adobe RGB',
        'AVIF, nclx 12/13/6 (Display P3)',
      ])
      for (const { name, mime, make } of COLOUR_FILES.filter((each) => names.has(each.name))) {
        const source = await make()
        const lossless = {
          png: 'png',
          jpeg: 'jpeg:quality=100:chromaSubsampling=4:4:4',
          webp: 'webp:lossless=true',
          avif: 'avif:lossless=true',
        } as const
        const { data } = await transform(source, [{ format: lossless[format] }, { metadata: 'icc' }])
        const [before, after] = [
          await drawInBrowser(page, source, mime),
          await drawInBrowser(page, data, `image/${format}`),
        ]
        const { largest } = compare({ name, isRounded: true }, after, before)
        expect([name, largest <= TOLERANCE]).toEqual([name, true])
      }
    },
  )
})
