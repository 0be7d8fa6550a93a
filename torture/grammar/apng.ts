import { writeApng, type ApngFile, type ApngFrame } from './apng-file.js'
import { createRandom, type GeneratedAnimation } from './gif.js'

const WIDTH = 14
const HEIGHT = 10
const COLOURS = [
  [250, 0, 0, 255],
  [0, 240, 0, 255],
  [0, 0, 230, 128],
  [255, 255, 255, 40],
  [0, 0, 0, 0],
] as const

/** Generates APNGs of the whole frame algebra: disposal, blending, offsets, alpha, times, loops and default pictures. */
export function* apngs(count = 200): Generator<GeneratedAnimation> {
  for (const [name, apng] of Object.entries(NAMED)) yield generateApng(name, apng)
  const random = createRandom(5)
  for (let at = 0; at < count; at++) yield generateApng(`random-${at}`, randomApng(random))
}

/** Writes a file, and composes its frames. */
export function generateApng(name: string, apng: ApngFile): GeneratedAnimation {
  const { width, height, frames, plays } = apng
  const delays = frames.map(({ delay: [count, denominator] }) =>
    Math.round((count * 1000) / (denominator === 0 ? 100 : denominator)),
  )
  const expected = { width, height, frames: composeApng(apng), delays, plays }
  return { name, bytes: writeApng(apng), extension: 'apng', expected }
}

/** Composes the frames pixel by pixel, in floating point. (PNG, third edition, section 13.13; Porter and Duff 1984: over) */
function composeApng({ width, height, frames }: ApngFile): Uint8Array[] {
  let canvas = Array.from({ length: width * height }, (): readonly number[] => [0, 0, 0, 0])
  return frames.map((frame) => {
    const before = canvas
    const isInside = (x: number, y: number) =>
      x >= frame.left && x < frame.left + frame.width && y >= frame.top && y < frame.top + frame.height
    const shown = canvas.map((under, at) => {
      const [x, y] = [at % width, Math.floor(at / width)]
      if (!isInside(x, y)) return under
      const from = ((y - frame.top) * frame.width + x - frame.left) * 4
      const over = [...frame.pixels.subarray(from, from + 4)]
      return frame.blend === 0 ? over : blendOver(over, under)
    })
    const cleared = shown.map((pixel, at) =>
      isInside(at % width, Math.floor(at / width)) ? [0, 0, 0, 0] : pixel,
    )
    canvas = frame.dispose === 0 ? shown : frame.dispose === 1 ? cleared : before
    return Uint8Array.from(shown.flatMap((pixel) => pixel.map(Math.round)))
  })
}

function blendOver(over: readonly number[], under: readonly number[]): number[] {
  const [top, bottom] = [over[3]! / 255, under[3]! / 255]
  const alpha = top + bottom * (1 - top)
  if (alpha === 0) return [0, 0, 0, 0]
  const mix = (channel: number) => (over[channel]! * top + under[channel]! * bottom * (1 - top)) / alpha
  return [mix(0), mix(1), mix(2), alpha * 255]
}

function plain(colour: number, changes: Partial<ApngFrame> = {}): ApngFrame {
  const { width = WIDTH, height = HEIGHT } = changes
  const pixels = Uint8Array.from({ length: width * height * 4 }, (_, at) => COLOURS[colour]![at % 4]!)
  return { left: 0, top: 0, width, height, pixels, delay: [1, 10], dispose: 0, blend: 0, ...changes }
}

const patch = { left: 3, top: 2, width: 6, height: 4 }
const corner = { left: 0, top: 0, width: 4, height: 4 }
const poster = plain(3).pixels

function animate(frames: readonly ApngFrame[], changes: Partial<ApngFile> = {}): ApngFile {
  return { width: WIDTH, height: HEIGHT, plays: 0, frames, ...changes }
}

const NAMED: Readonly<Record<string, ApngFile>> = {
  'source over': animate([plain(0), plain(2, { ...patch, blend: 1 }), plain(3, { ...corner, blend: 1 })]),
  'source replaces': animate([plain(0), plain(2, patch), plain(4, corner)]),
  'over translucent': animate([plain(2), plain(3, { ...patch, blend: 1 }), plain(2, { ...patch, blend: 1 })]),
  'to background': animate([plain(0), plain(1, { ...patch, dispose: 1 }), plain(2, corner)]),
  'to previous': animate([plain(0), plain(1, { ...patch, dispose: 2 }), plain(2, { ...corner, blend: 1 })]),
  'first to previous': animate([plain(0, { dispose: 2 }), plain(1, patch), plain(2, corner)]),
  'previous after previous': animate([
    plain(0),
    plain(1, { ...patch, dispose: 2 }),
    plain(2, { ...corner, dispose: 2 }),
    plain(3, { left: 8, top: 5, width: 6, height: 5 }),
  ]),
  'default picture apart': animate([plain(0), plain(1, patch)], { poster }),
  'default picture apart, partial first': animate([plain(0, patch), plain(1, { ...corner, blend: 1 })], {
    poster,
  }),
  'one frame, default picture apart': animate([plain(1)], { poster }),
  'one partial frame, default picture apart': animate([plain(1, patch)], { poster }),
  'data in parts': animate([plain(0), plain(1, patch), plain(2)], { parts: 5 }),
  'delay 65540': animate([plain(0, { delay: [6554, 100] }), plain(1)]),
  'delay 65535 s': animate([plain(0, { delay: [65_535, 1] }), plain(1)]),
  'delay without denominator': animate([plain(0, { delay: [7, 0] }), plain(1, { delay: [0, 0] })]),
  'delay of a third': animate([
    plain(0, { delay: [1, 3] }),
    plain(1, { delay: [1, 60] }),
    plain(2, { delay: [1, 1000] }),
  ]),
  'plays 1': animate([plain(0), plain(1)], { plays: 1 }),
  'plays 65535': animate([plain(0), plain(1)], { plays: 65_535 }),
  'plays 70000': animate([plain(0), plain(1)], { plays: 70_000 }),
  '16 bits': animate([plain(0), plain(2, { ...patch, blend: 1 })], { depth: 16 }),
  'equal frames': animate([plain(0), plain(0), plain(1)]),
}

type Random = (below: number) => number

function randomApng(random: Random): ApngFile {
  const hasPoster = random(3) === 0
  const frames = Array.from({ length: 2 + random(5) }, (_, at): ApngFrame => {
    const isWhole = (at === 0 && !hasPoster) || random(4) === 0
    const width = isWhole ? WIDTH : 1 + random(WIDTH)
    const height = isWhole ? HEIGHT : 1 + random(HEIGHT)
    return {
      left: random(WIDTH - width + 1),
      top: random(HEIGHT - height + 1),
      width,
      height,
      pixels: Uint8Array.from({ length: width * height * 4 }, (_value, byte) =>
        byte % 4 === 3 ? [0, 255, random(256)][random(3)]! : random(256),
      ),
      delay: [random(300), [0, 10, 100, 1000][random(4)]!],
      dispose: random(3) as ApngFrame['dispose'],
      blend: random(2) as ApngFrame['blend'],
    }
  })
  return animate(frames, { plays: random(4), ...(hasPoster && { poster }), parts: 1 + random(3) })
}
