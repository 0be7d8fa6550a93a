import type { Expected, TortureInput } from '../input.js'
import { looksSame, type Pixels } from '../pam.js'
import { apngs } from './apng.js'
import { avifs } from './avif.js'
import { bmps } from './bmp.js'
import { gifs, type GeneratedAnimation } from './gif.js'
import { icons } from './ico.js'
import { jpegs, type GeneratedJpeg } from './jpeg.js'
import type { GeneratedPixels } from './pattern.js'
import { pngs } from './png.js'
import { pnms } from './pnm.js'
import { qois } from './qoi.js'
import type { TiffCase } from './tiff-case.js'
import { tiffs } from './tiff.js'
import type { GeneratedPicture, RGBA } from './types.js'
import { webpAnimations } from './webp-animation.js'

/** Generates all legal files, one of each format in turn, so that a bounded number holds some of each. */
export async function* legalInputs(): AsyncGenerator<TortureInput> {
  let open: Source[] = [
    sourceOf('png', pngs(), ofOneColour),
    sourceOf('tiff', tiffs(), inQuarters),
    sourceOf('jpeg', jpegs(), ofJpeg),
    sourceOf('gif', gifs(), ofFirstFrame),
    sourceOf('webp', webpAnimations(), ofFirstFrame),
    sourceOf('apng', apngs(), ofFirstFrame),
    sourceOf('avif', avifs(), ofOneColour),
    sourceOf('bmp', bmps(), asDrawn),
    sourceOf('ico', icons(), asDrawn),
    sourceOf('pnm', pnms(), asDrawn),
    sourceOf('qoi', qois(), asDrawn),
  ]
  for (let made = 0; open.length > 0;) {
    const still: Source[] = []
    for (const source of open) {
      const next = await source.next()
      if (next === undefined) continue
      still.push(source)
      yield { ...next, name: `${made++}-${next.name.replace(/[^\w-]+/g, '_')}` }
    }
    open = still
  }
}

/** A format's legal files, one at each call. */
interface Source {
  readonly next: () => Promise<TortureInput | undefined>
}

interface Generated {
  readonly name: string
  readonly bytes: Buffer
  readonly extension: string
}

function sourceOf<T extends Generated>(
  format: string,
  files: Iterator<T> | AsyncIterator<T>,
  expect: (file: T) => Expected | undefined,
): Source {
  return {
    async next() {
      const { done, value } = await files.next()
      if (done === true) return undefined
      const { name, bytes, extension } = value
      return { name, bytes, extension, format, kind: 'legal', expected: expect(value) }
    },
  }
}

function ofOneColour({ expected }: GeneratedPicture): Expected | undefined {
  return (
    expected &&
    ((pixels) =>
      looksSame(
        fill(pixels, () => expected),
        pixels,
      ))
  )
}

function asDrawn({ expected }: GeneratedPixels): Expected {
  return (pixels) => looksSame(expected, pixels)
}

/** The quarters of a TIFF: top left, top right, bottom left, bottom right. */
function inQuarters({ expected }: TiffCase): Expected {
  if ('refused' in expected) return 'refused'
  const { quarters } = expected
  return (pixels) => {
    const [middleX, middleY] = [pixels.width / 2, pixels.height / 2]
    const right = fill(pixels, (x, y) => quarters[(x < middleX ? 0 : 1) + (y < middleY ? 0 : 2)]!)
    return looksSame(right, clearCross(pixels, right))
  }
}

/** Pixels on either side of an edge whose colours mix if chroma is subsampled, at most 4 to 1. */
const MIXED = 4

/** Returns pixels with those along the edges of the quarters taken from another picture, so that they do not count. */
function clearCross(pixels: Pixels, from: Pixels): Pixels {
  const { width, height } = pixels
  const rgba = Uint8Array.from(pixels.rgba)
  for (let at = 0; at < rgba.length; at++) {
    const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)]
    const isNear = Math.abs(x + 0.5 - width / 2) < MIXED || Math.abs(y + 0.5 - height / 2) < MIXED
    if (isNear) rgba[at] = from.rgba[at]!
  }
  return { width, height, rgba }
}

function ofJpeg({ expected }: GeneratedJpeg): Expected | undefined {
  return expected === 'unsupported' ? 'refused' : undefined
}

function ofFirstFrame({ expected: { width, height, frames } }: GeneratedAnimation): Expected {
  const rgba = frames[0]!
  return (pixels) => looksSame({ width, height, rgba }, pixels)
}

/** Paints a picture of the same size. */
function fill({ width, height }: Pixels, colourAt: (x: number, y: number) => RGBA): Pixels {
  const rgba = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rgba.set(colourAt(x, y).map(Math.round), (y * width + x) * 4)
  return { width, height, rgba }
}
