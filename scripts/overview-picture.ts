import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp, { type OverlayOptions } from 'sharp'
import { run, type Output } from '../src/index.js'
import { toSize } from './formats-doc.js'

/** File in docs/pictures. */
export const OVERVIEW_FILE = 'overview.webp'

const PHOTO = 'landscape.jpg'
const PRESETS = ['responsive', 'social', 'avatar', 'thumb']
/** All renditions are shown at this scale, so that their sizes can be compared. */
const SCALE = 0.55
const WIDTH = 1276
const HEIGHT = 734
const LINE = 26
const NAMES: Readonly<Record<string, string>> = { avif: 'AVIF', webp: 'WebP', jpeg: 'JPEG' }

/** An image on the canvas. `x` and `y` are its top left corner in pixels. */
interface Panel {
  readonly data: Buffer
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly captions: readonly string[]
}

/** An output of the run and its bytes. */
interface Rendition extends Output {
  readonly data: Buffer
}

/**
 * Draws the README's picture: one photo beside what four presets make of it. The renditions come from a real run.
 * The background is a light card, which stands out on dark pages and blends in on light ones.
 */
export async function drawOverview(): Promise<Buffer> {
  const photo = fileURLToPath(new URL(`../fixtures/photos/${PHOTO}`, import.meta.url))
  const panels = place(await readFile(photo), await makeRenditions(photo))
  const images = await Promise.all(panels.map(toOverlay))
  return sharp(Buffer.from(drawCard(panels)))
    .composite(images)
    .webp({ quality: 85 })
    .toBuffer()
}

async function makeRenditions(photo: string): Promise<Rendition[]> {
  const out = await mkdtemp(join(tmpdir(), 'imgproc-overview-'))
  try {
    const renditions: Rendition[] = []
    for await (const { outputs } of run({ inputs: [photo], preset: PRESETS, out })) {
      for (const output of outputs) {
        if (output.action !== 'written') continue
        renditions.push({ ...output, data: await readFile(join(out, output.path)) })
      }
    }
    return renditions
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

function place(photo: Buffer, renditions: readonly Rendition[]): Panel[] {
  const find = (preset: string, width: number): Rendition[] =>
    renditions.filter((output) => output.preset === preset && output.width === width)
  const panel = (x: number, y: number, name: string, same: readonly Rendition[]): Panel => {
    const [{ data, width, height } = missing(name)] = same
    const bytes = same.map((output) => `${NAMES[output.format] ?? output.format} ${toSize(output.bytes)}`)
    const captions = [`${name}, ${width}x${height}`, ...bytes]
    return { data, x, y, width: width * SCALE, height: height * SCALE, captions }
  }
  const [left, top, low] = [556, 32, 424]
  return [
    {
      data: photo,
      x: 32,
      y: 178,
      width: 440,
      height: 330,
      captions: [`${PHOTO}, 800x600`, `JPEG ${toSize(photo.length)}`],
    },
    panel(left, top, 'responsive', find('responsive', 640)),
    panel(left + 376, top, 'responsive', find('responsive', 320)),
    panel(left, low, 'social', find('social', 800)),
    panel(left + 464, low, 'avatar', find('avatar', 256)),
    panel(left + 464, low + 210, 'thumb', find('thumb', 100)),
  ]
}

function missing(name: string): never {
  throw new Error(`the run made no output of ${name} in the size that the picture shows`)
}

async function toOverlay({ data, x, y, width, height }: Panel): Promise<OverlayOptions> {
  const size = { width: Math.round(width), height: Math.round(height) }
  return {
    input: await sharp(data)
      .resize({ ...size, fit: 'fill' })
      .png()
      .toBuffer(),
    left: x,
    top: y,
  }
}

function drawCard(panels: readonly Panel[]): string {
  const captions = panels.flatMap(({ x, y, width, height, captions: lines }) =>
    lines.map((line, index) => {
      // Captions of the narrow thumbnail stand beside it.
      const isNarrow = width < 80
      const at = isNarrow ? [x + width + 14, y + 18 + index * LINE] : [x, y + height + LINE + index * LINE]
      return `<text class="${index === 0 ? 'name' : 'bytes'}" x="${at[0]}" y="${at[1]}">${line}</text>`
    }),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
<style>text { font-family: DejaVu Sans, Verdana, sans-serif; font-size: 19px } .name { fill: #1f2328; font-weight: bold }
.bytes { fill: #57606a } .arrow { stroke: #57606a; stroke-width: 4; fill: none; stroke-linecap: round }</style>
<rect x="1" y="1" width="${WIDTH - 2}" height="${HEIGHT - 2}" rx="14" fill="#f6f8fa" stroke="#d0d7de" stroke-width="2"/>
<path class="arrow" d="M494 343h40m-12 -12l12 12l-12 12"/>
${captions.join('\n')}
</svg>`
}
