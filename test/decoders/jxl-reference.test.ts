import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transform } from '../../src/transform.js'
import { makePicture } from '../support/pictures.js'

/** Debian: libjxl-tools. */
const HAS_TOOLS = ['cjxl', 'djxl'].every((tool) => spawnSync(tool, ['--version']).status === 0)
const run = promisify(execFile)
const PHOTOS = fileURLToPath(new URL('../../fixtures/photos/', import.meta.url))

interface Samples {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** From 0 to 255, with fractions. */
  readonly values: readonly number[]
}

/** Reads the numbers of a PNG, whatever they mean. */
async function readSamples(png: Uint8Array): Promise<Samples> {
  const { depth, channels } = await sharp(png).metadata()
  const isDeep = depth === 'ushort'
  const spaces = isDeep ? (['grey16', 'rgb16'] as const) : (['b-w', 'srgb'] as const)
  const { data, info } = await sharp(png)
    .keepIccProfile()
    .toColourspace(spaces[channels < 3 ? 0 : 1])
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const values = isDeep
    ? Array.from(new Uint16Array(data.buffer, data.byteOffset, data.length / 2), (value) => value / 257)
    : [...data]
  return { width, height, channels: info.channels, values }
}

/** Returns the greatest difference of samples; the colours of pixels that cannot be seen do not count. */
function differenceOf(actual: Samples, expected: Samples): number {
  const { channels } = actual
  expect({ ...actual, values: 0 }).toEqual({ ...expected, values: 0 })
  const hasAlpha = channels % 2 === 0
  let most = 0
  for (const [at, value] of actual.values.entries()) {
    const alphaAt = at - (at % channels) + channels - 1
    if (hasAlpha && actual.values[alphaAt] === 0 && expected.values[alphaAt] === 0) continue
    most = Math.max(most, Math.abs(value - expected.values[at]!))
  }
  return most
}

describe.skipIf(!HAS_TOOLS)('JPEG XL of and for the reference implementation', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imgproc-cjxl-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const decodeByReference = async (file: string) => {
    await run('djxl', [file, `${file}.png`])
    return readSamples(await readFile(`${file}.png`))
  }

  const photo = (name: string) => async () => readFile(join(PHOTOS, name))
  const wide = async () =>
    sharp(await makePicture('rgb'))
      .toColourspace('srgb')
      .withIccProfile('p3')
      .png()
      .toBuffer()
  it.each([
    ['lossy', () => makePicture('rgb'), 'png', ['-d', '1']],
    ['of low quality', () => makePicture('rgb'), 'png', ['-d', '4']],
    ['lossless', () => makePicture('rgb'), 'png', ['-d', '0']],
    ['lossy modular', () => makePicture('rgb'), 'png', ['-d', '2', '-m', '1']],
    ['progressive', () => makePicture('rgb'), 'png', ['-d', '1', '-p']],
    ['in boxes', () => makePicture('rgb'), 'png', ['-d', '1', '--container=1']],
    ['with alpha', () => makePicture('rgba'), 'png', ['-d', '1']],
    ['with alpha, lossless', () => makePicture('rgba'), 'png', ['-d', '0']],
    ['with alpha multiplied', () => makePicture('rgba'), 'png', ['-d', '0', '--premultiply=1']],
    ['grey', () => makePicture('grey'), 'png', ['-d', '1']],
    ['grey, lossless', () => makePicture('grey'), 'png', ['-d', '0']],
    ['of 16 bits', () => makePicture('deep'), 'png', ['-d', '1']],
    ['of 16 bits, lossless', () => makePicture('deep'), 'png', ['-d', '0']],
    ['in Display P3', wide, 'png', ['-d', '1']],
    ['in Display P3, lossless', wide, 'png', ['-d', '0']],
    ['made of a JPEG', photo('landscape.jpg'), 'jpg', []],
    ['made of a JPEG in Display P3', photo('display-p3.jpg'), 'jpg', []],
    ['made of a grey JPEG', photo('grey.jpg'), 'jpg', []],
    ['made of a progressive JPEG', photo('progressive.jpg'), 'jpg', []],
    ['of an animation', photo('animated.gif'), 'gif', ['-d', '1']],
    ...[1, 2, 3, 4, 5, 6, 7, 8].map(
      (orientation) =>
        [
          `of orientation ${orientation}`,
          photo(`orientation/Landscape_${orientation}.jpg`),
          'jpg',
          [] as string[],
        ] as const,
    ),
  ] as const)('decodes a file %s as djxl does, within 1 level', async (name, make, ext, options) => {
    const file = join(folder, name.replaceAll(' ', '-'))
    await writeFile(`${file}.${ext}`, await make())
    await run('cjxl', [`${file}.${ext}`, `${file}.jxl`, ...options])
    const { data } = await transform(`${file}.jxl`, [{ format: 'png' }, { metadata: 'keep' }])
    // 1 level, and what is lost where 16 bits are compared with 8.
    expect(differenceOf(await readSamples(data), await decodeByReference(`${file}.jxl`))).toBeLessThanOrEqual(
      1.001,
    )
  })

  it.each(['rgb', 'rgba', 'grey', 'deep'] as const)(
    'writes %s so that djxl decodes it as imgproc does',
    async (kind) => {
      for (const lossless of [true, false]) {
        const format = { type: 'jxl', lossless, effort: 3 } as const
        const { data } = await transform(await makePicture(kind), [{ format }, { metadata: 'keep' }])
        const file = join(folder, `${kind}-${lossless}.jxl`)
        await writeFile(file, data)
        const own = await transform(data, [{ format: 'png' }, { metadata: 'keep' }])
        expect(differenceOf(await readSamples(own.data), await decodeByReference(file))).toBeLessThanOrEqual(
          1.001,
        )
      }
    },
  )
})
