import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHeicDecoder } from '../../src/decoders/heic.js'
import { readHeif } from '../../src/metadata/heif.js'
import { transform } from '../../src/transform.js'
import { replaceBytesInBits } from '../../torture/grammar/replace-bytes.js'

const call = promisify(execFile)
const FIXTURES = fileURLToPath(new URL('../../fixtures/photos', import.meta.url))
const IPHONE = fileURLToPath(new URL('../../../shared/photos/iphone_13_pro_max.HEIC', import.meta.url))
const has = (command: string): boolean => spawnSync(command, ['--help']).error === undefined

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imgproc-heic-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function decode(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file)
  const options = { maxPixels: 1e9, seconds: 60 }
  return createHeicDecoder().decode(bytes, await sharp(bytes).metadata(), options)
}

/** Returns the peak signal-to-noise ratio of the colours as sRGB, in dB. */
async function psnr(one: Uint8Array | string, other: Uint8Array | string): Promise<number> {
  const pixels = (file: Uint8Array | string): Promise<Buffer> =>
    sharp(file).toColourspace('srgb').removeAlpha().raw().toBuffer()
  const [left, right] = await Promise.all([pixels(one), pixels(other)])
  expect(left.length).toBe(right.length)
  let sum = 0
  for (const [at, value] of left.entries()) sum += (value - (right[at] ?? 0)) ** 2
  return 10 * Math.log10((255 ** 2 * left.length) / sum)
}

describe.skipIf(!has('heif-convert'))('the HEIC decoder compared with heif-convert', () => {
  it.each([join(FIXTURES, 'phone.heic'), ...(existsSync(IPHONE) ? [IPHONE] : [])])(
    'gives the same sRGB colours for %s',
    async (file) => {
      const reference = join(folder, 'reference.png')
      await call('heif-convert', [file, reference])
      const decibels = await psnr(await decode(file), reference)
      console.log(`${file}: ${decibels.toFixed(1)} dB`)
      expect(decibels).toBeGreaterThan(50)
    },
  )
})

describe.skipIf(!has('heif-enc'))('the HEIC decoder with files from heif-enc', () => {
  const encode = async (name: string, ...args: readonly string[]): Promise<string> => {
    const file = join(folder, name)
    await call('heif-enc', ['-q', '90', '-o', file, ...args])
    return file
  }

  it('keeps alpha', async () => {
    const source = join(FIXTURES, 'alpha.png')
    const made = await decode(await encode('alpha.heic', source))
    expect((await sharp(made).metadata()).hasAlpha).toBe(true)
    const alpha = (file: Uint8Array | string): Promise<Buffer> =>
      sharp(file).extractChannel(3).raw().toBuffer()
    const [actual, expected] = [await alpha(made), await alpha(source)]
    expect(actual.reduce((sum, value, at) => sum + Math.abs(value - (expected[at] ?? 0)), 0)).toBeLessThan(
      expected.length,
    )
  })

  it('converts 10 bits per channel to 8', async () => {
    const source = join(FIXTURES, 'deep.png')
    const made = await decode(await encode('deep.heic', '-b', '10', source))
    expect((await sharp(made).metadata()).depth).toBe('uchar')
    expect(await psnr(made, source)).toBeGreaterThan(40)
  })

  it('decodes the primary picture of several, at any position', async () => {
    const file = await encode('two.heic', join(FIXTURES, 'landscape.jpg'), join(FIXTURES, 'grey.jpg'))
    const bytes = await readFile(file)
    const size = async (): Promise<string> => {
      const made = await createHeicDecoder().decode(bytes, await sharp(bytes).metadata(), {
        maxPixels: 1e9,
        seconds: 60,
      })
      const { width, height } = await sharp(made).metadata()
      return `${width}x${height}`
    }
    expect(await size()).toBe('800x600')
    // The pictures are items 1 and 3; item 2 is the EXIF of the first. `pitm` holds version, flags and the primary item.
    bytes.writeUInt16BE(3, bytes.indexOf('pitm') + 8)
    expect(await size()).toBe('640x480')
  })

  it.each([
    ['-b', '10'],
    ['-p', 'chroma=422'],
    ['-p', 'x265:scaling-list=default'],
    ['-p', 'x265:sar=2'],
    ['-p', 'x265:overscan=show', '-p', 'x265:amp=1'],
    ['-p', 'x265:ctu=32'],
  ])('takes the colours from HEVC data encoded with %s %s', async (...args) => {
    const flat = join(folder, 'flat.png')
    await sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 200, g: 110, b: 90 } } })
      .png()
      .toFile(flat)
    const bytes = await readFile(await encode('coded.heic', ...args, flat))
    expect(readHeif(bytes)?.codes).toMatchObject({ primaries: 2, transfer: 2 })
    // The SPS begins with a header, the profile and the level, 15 bytes. The codes are the first such bits after them.
    const sps = bytes.indexOf(Buffer.from([0x42, 1])) + 15
    const coded = replaceBytesInBits(bytes.subarray(sps), [2, 2, 6], [12, 13, 6])
    const displayP3 = Buffer.concat([bytes.subarray(0, sps), coded])
    expect(readHeif(displayP3)?.codes).toMatchObject({ primaries: 12, transfer: 13 })
    const { data } = await transform(displayP3, [{ format: 'png' }])
    const pixel = [...(await sharp(data).raw().toBuffer()).subarray(0, 3)]
    for (const [at, value] of [214, 104, 84].entries()) expect(Math.abs(pixel[at]! - value)).toBeLessThan(3)
  })
})
