import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { tameDensity } from '../../src/metadata/tame-density.js'

const RED = { create: { width: 8, height: 8, channels: 3 as const, background: 'red' } }

/** Returns a PNG with a pHYs chunk. */
async function pngOf(x: number, y: number, unit: number): Promise<Buffer> {
  const png = await sharp(RED).png().toBuffer()
  const chunk = Buffer.alloc(21)
  chunk.writeUInt32BE(9)
  chunk.write('pHYs', 4, 'latin1')
  chunk.writeUInt32BE(x, 8)
  chunk.writeUInt32BE(y, 12)
  chunk[16] = unit
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 17)), 17)
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)])
}

/** Returns a file with 72 pixels per inch, and with another value instead. */
async function withDensity(
  format: 'jpeg' | 'tiff',
  value: number,
): Promise<[plain: Buffer, changed: Buffer]> {
  const image = sharp(RED).withExif({ IFD0: { Artist: 'Ann' } })
  const plain = await image.withMetadata({ density: 72 })[format]().toBuffer()
  const changed = Buffer.from(plain)
  let places = 0
  for (let at = 0; at + 8 <= plain.length; at++) {
    const pair = [plain.readUInt32LE(at), plain.readUInt32LE(at + 4)]
    if (pair[0] === 0 || pair[0]! / pair[1]! !== 72) continue
    changed.writeUInt32LE(value, at)
    changed.writeUInt32LE(1, at + 4)
    places++
  }
  expect(places).toBeGreaterThanOrEqual(2)
  return [plain, changed]
}

const densityOf = async (bytes: Uint8Array): Promise<number | undefined> =>
  (await sharp(bytes).metadata()).density

describe('tameDensity', () => {
  it.each([
    [1e9 + 1, 2835, 1],
    [2835, 2 ** 32 - 1, 1],
    [1e6 + 1, 1, 0],
  ])('replaces %i by %i in unit %i of a PNG', async (x, y, unit) => {
    const tamed = tameDensity(await pngOf(x, y, unit))
    expect(await densityOf(tamed)).toBe(72)
    expect(await sharp(tamed, { failOn: 'warning' }).raw().toBuffer()).toHaveLength(192)
  })

  it.each(['jpeg', 'tiff'] as const)('replaces that of a %s', async (format) => {
    const [plain, changed] = await withDensity(format, 4e9)
    expect(await densityOf(plain)).toBe(72)
    expect(await densityOf(changed)).not.toBe(72)
    expect(await densityOf(tameDensity(changed))).toBe(72)
  })

  it('returns other files as they are', async () => {
    const files = [
      await pngOf(2835, 2835, 1),
      await pngOf(1e9, 1e9, 1),
      await sharp(RED).webp().toBuffer(),
      (await withDensity('jpeg', 300))[1],
      (await withDensity('tiff', 300))[1],
    ]
    for (const file of files) expect(tameDensity(file)).toBe(file)
  })
})
