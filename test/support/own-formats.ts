import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { expect } from 'vitest'
import { createRandom } from '../../bench/random.js'
import { decoders } from '../../src/decoders/index.js'
import { ImgprocError } from '../../src/errors.js'
import { withDefaults } from '../../src/image/limits.js'
import { openImage, type OpenImage } from '../../src/image/open-image.js'
import { renderRendition } from '../../src/render/render-rendition.js'
import type { FailOn, Limits } from '../../src/image/types.js'
import { below, DAMAGES } from '../../torture/damage.js'
import type { GeneratedPixels } from '../../torture/grammar/pattern.js'
import type { Pixels } from '../../torture/pam.js'

/** Opens a file with all decoders. */
export function open(
  bytes: Uint8Array,
  limits: Partial<Limits> = {},
  failOn: FailOn = 'error',
): Promise<OpenImage> {
  return openImage(bytes, { limits: withDefaults(limits), failOn, decoders })
}

/** Returns the pixels of a file as they are read. */
export async function readPixels(bytes: Uint8Array): Promise<Pixels> {
  const image = await open(bytes)
  const { data, info } = await sharp(image.bytes)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, rgba: data }
}

/** Expects the same pixels. The colour of a transparent pixel does not count. */
export function expectSame(found: Pixels, right: Pixels, name: string, tolerance = 0): void {
  expect([found.width, found.height], name).toEqual([right.width, right.height])
  for (let at = 0; at < right.rgba.length; at += 4) {
    const [a, b] = [found, right].map(({ rgba }) => [...rgba.subarray(at, at + 4)])
    if (a![3] === 0 && b![3] === 0) continue
    const distance = Math.max(...a!.map((value, channel) => Math.abs(value - b![channel]!)))
    if (distance > tolerance) expect.fail(`${name}, pixel ${at / 4}: ${a!.join()} instead of ${b!.join()}`)
  }
}

const run = promisify(execFile)

/** Programs that read a folder of files, and write the pixels of those that they read beside them. */
const READERS = {
  imagemagick: (paths: readonly string[]) =>
    // It reads the rest if one fails.
    run('mogrify', ['-depth', '8', '-format', 'rgba', ...paths]).catch(() => undefined),
  pillow: (paths: readonly string[]) => run('/usr/bin/python3', ['-c', PILLOW, ...paths]),
}

const PILLOW = `
import sys
from PIL import Image
for path in sys.argv[1:]:
    try:
        pixels = Image.open(path).convert("RGBA").tobytes()
    except Exception:
        continue
    open(path[:path.rindex(".")] + ".rgba", "wb").write(pixels)
`

/** A program of another project that reads pictures. */
export type Reader = keyof typeof READERS

/** Returns the pixels that another program reads, by the name of the file. Files that it does not read are left out. */
async function readElsewhere(
  files: readonly GeneratedPixels[],
  reader: Reader,
): Promise<ReadonlyMap<string, Pixels>> {
  const folder = await mkdtemp(join(tmpdir(), 'imgproc-reader-'))
  try {
    const paths = files.map(({ extension }, index) => join(folder, `${index}.${extension}`))
    await Promise.all(files.map(({ bytes }, index) => writeFile(paths[index]!, bytes)))
    await READERS[reader](paths)
    const found = new Map<string, Pixels>()
    for (const [index, { name, expected }] of files.entries()) {
      const rgba = await readFile(join(folder, `${index}.rgba`)).catch(() => undefined)
      const { width, height } = expected
      if (rgba?.length === width * height * 4) found.set(name, { width, height, rgba })
    }
    return found
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Differences of another reader that are known to be its own. */
export interface Comparison {
  readonly files: readonly GeneratedPixels[]
  /** Names of files that it reads wrongly, or that no standard describes. */
  readonly skip?: RegExp | undefined
  /** Names of files whose values it rounds down. */
  readonly rough?: RegExp | undefined
}

/** Expects the pixels that another program reads. Returns the number of files that it read. */
export async function compareWith(reader: Reader, { files, skip, rough }: Comparison): Promise<number> {
  const compared = files.filter(({ name }) => skip?.test(name) !== true)
  const others = await readElsewhere(compared, reader)
  for (const { name, bytes } of compared) {
    const other = others.get(name)
    if (other !== undefined)
      expectSame(await readPixels(bytes), other, name, rough?.test(name) === true ? 1 : 0)
  }
  return others.size
}

/** Returns the names of the tools that are installed. */
export async function findReaders(): Promise<Reader[]> {
  const tools = [
    ['imagemagick', run('mogrify', ['-version'])],
    ['pillow', run('/usr/bin/python3', ['-c', 'import PIL'])],
  ] as const
  const found = await Promise.all(
    tools.map(([name, version]) =>
      version.then(
        () => name,
        () => undefined,
      ),
    ),
  )
  return found.filter((name) => name !== undefined)
}

/** Counts of what became of damaged files. */
export interface DamageCounts {
  pictures: number
  readonly errors: Record<string, number>
}

/** Damages files of one format, and expects a picture of each, or an error that is not INTERNAL. */
export async function readDamaged(
  files: readonly { readonly name: string; readonly bytes: Buffer }[],
  count: number,
): Promise<DamageCounts> {
  const counts: DamageCounts = { pictures: 0, errors: {} }
  const kinds = Object.keys(DAMAGES) as (keyof typeof DAMAGES)[] // its keys are these
  for (let at = 0; at < count; at++) {
    const random = createRandom(at + 1)
    const { name, bytes } = files[below(files.length, random)]!
    const kind = kinds[at % kinds.length]!
    const others = files.map((each) => each.bytes)
    const damaged = DAMAGES[kind](bytes, random, others)
    try {
      const image = await open(damaged, { pixels: 1e7, seconds: 20 }, at % 4 === 0 ? 'none' : 'error')
      await renderRendition(image, [{ format: 'png' }])
      counts.pictures++
    } catch (error) {
      const code = error instanceof ImgprocError ? error.code : String(error)
      expect(
        ['CORRUPT_IMAGE', 'UNSUPPORTED_FORMAT', 'TOO_MANY_PIXELS'],
        `${name}, ${kind}, ${at}: ${String(error)}`,
      ).toContain(code)
      counts.errors[code] = (counts.errors[code] ?? 0) + 1
    }
  }
  return counts
}
