import { createRandom } from './gif.js'
import { createPixels, drawPattern, type GeneratedPixels, type PixelAt } from './pattern.js'
import type { RGBA } from './types.js'

const END = [0, 0, 0, 0, 0, 0, 0, 1]

/** Generates QOI files whose pixels need every kind of code, of which one may be avoided. */
export function* qois(count = 60): Generator<GeneratedPixels> {
  const random = createRandom(3)
  const opaque: PixelAt = (x, y) => [...rgb(drawPattern(x, y, 15, 9)), 255]
  for (const channels of [3, 4] as const) {
    yield makeQoi(
      `pattern, ${channels} channels`,
      15,
      9,
      channels,
      channels === 3 ? opaque : (x, y) => drawPattern(x, y, 15, 9),
    )
    yield makeQoi(`one colour, ${channels} channels`, 100, 5, channels, () => [1, 2, 3, 255])
    yield makeQoi(`black, ${channels} channels`, 8, 8, channels, () => [0, 0, 0, 255])
    yield makeQoi(`one pixel, ${channels} channels`, 1, 1, channels, () => [200, 100, 50, 255])
  }
  for (let at = 0; at < count; at++) {
    const [width, height] = [1 + random(40), 1 + random(20)]
    const channels = random(2) === 0 ? 3 : 4
    let last: RGBA = [0, 0, 0, 255]
    const pixels = Array.from({ length: width * height }, () => (last = step(last, channels, random)))
    yield makeQoi(`random-${at}`, width, height, channels, (x, y) => pixels[y * width + x]!)
  }
}

function rgb([r, g, b]: RGBA): [number, number, number] {
  return [r, g, b]
}

/** Returns the same pixel, a near one, or any. */
function step([r, g, b, a]: RGBA, channels: 3 | 4, random: (below: number) => number): RGBA {
  const near = (value: number, by: number) => (value + random(2 * by + 1) - by + 256) % 256
  const choice = random(6)
  if (choice < 2) return [r, g, b, a]
  if (choice === 2) return [near(r, 2), near(g, 2), near(b, 2), a]
  if (choice === 3) {
    const by = random(64) - 32
    return [near(r + by, 7), (g + by + 256) % 256, near(b + by, 7), a].map(
      (value) => (value + 256) % 256,
    ) as unknown as RGBA // four numbers
  }
  return [random(256), random(4), random(256), channels === 4 && random(3) === 0 ? random(256) : a]
}

function makeQoi(name: string, width: number, height: number, channels: 3 | 4, at: PixelAt): GeneratedPixels {
  const expected = createPixels(width, height, at)
  return { name, bytes: writeQoi(expected.rgba, width, height, channels), extension: 'qoi', expected }
}

/** Writes a QOI, with the shortest code for each pixel. (The Quite OK Image Format, version 1.0) */
export function writeQoi(
  rgba: Uint8Array,
  width: number,
  height: number,
  channels: 3 | 4,
  linear = 0,
): Buffer {
  const head = Buffer.alloc(14)
  head.write('qoif', 'latin1')
  head.writeUInt32BE(width, 4)
  head.writeUInt32BE(height, 8)
  head.set([channels, linear], 12)
  const codes: number[] = []
  const seen = new Map<number, string>(Array.from({ length: 64 }, (_, place) => [place, '0,0,0,0']))
  let before = [0, 0, 0, 255]
  let run = 0
  for (let at = 0; at < rgba.length; at += 4) {
    const pixel = [...rgba.subarray(at, at + 4)]
    const isSame = pixel.join() === before.join()
    if (isSame) run++
    if (run === 62 || (run > 0 && (!isSame || at + 4 === rgba.length))) {
      codes.push(0xc0 | (run - 1))
      run = 0
    }
    if (!isSame) codes.push(...codeOf(pixel, before, seen))
    seen.set(placeOf(pixel), pixel.join())
    before = pixel
  }
  return Buffer.concat([head, Buffer.from(codes), Buffer.from(END)])
}

function placeOf(pixel: readonly number[]): number {
  return (pixel[0]! * 3 + pixel[1]! * 5 + pixel[2]! * 7 + pixel[3]! * 11) % 64
}

function codeOf(
  pixel: readonly number[],
  before: readonly number[],
  seen: ReadonlyMap<number, string>,
): number[] {
  const place = placeOf(pixel)
  if (seen.get(place) === pixel.join()) return [place]
  const [r, g, b, a] = pixel as [number, number, number, number]
  if (a !== before[3]) return [0xff, r, g, b, a]
  const [dr, dg, db] = [0, 1, 2].map((channel) => ((pixel[channel]! - before[channel]! + 384) % 256) - 128)
  const isIn = (value: number, from: number, to: number) => value >= from && value <= to
  if ([dr, dg, db].every((value) => isIn(value!, -2, 1)))
    return [0x40 | ((dr! + 2) << 4) | ((dg! + 2) << 2) | (db! + 2)]
  const [red, blue] = [dr! - dg!, db! - dg!]
  if (isIn(dg!, -32, 31) && isIn(red, -8, 7) && isIn(blue, -8, 7))
    return [0x80 | (dg! + 32), ((red + 8) << 4) | (blue + 8)]
  return [0xfe, r, g, b]
}
