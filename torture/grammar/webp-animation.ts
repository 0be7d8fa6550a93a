import sharp from 'sharp'
import { createRandom, type GeneratedAnimation } from './gif.js'

interface WebpFrame {
  /** Even numbers: the file stores half of them. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** RGBA. */
  readonly pixels: Uint8Array
  /** Milliseconds. */
  readonly duration: number
  readonly blends: boolean
  readonly isDisposed: boolean
}

interface Webp {
  readonly width: number
  readonly height: number
  readonly background: number
  readonly loop: number
  readonly frames: readonly WebpFrame[]
}

const WIDTH = 20
const HEIGHT = 16

/** Generates animated WebP of the whole frame algebra: alpha, blending, disposal, offsets, background colour, times. */
export async function* webpAnimations(count = 60): AsyncGenerator<GeneratedAnimation> {
  for (const [name, webp] of Object.entries(NAMED)) yield generate(name, webp)
  const random = createRandom(7)
  for (let at = 0; at < count; at++) yield generate(`random-${at}`, randomWebp(random))
}

async function generate(name: string, webp: Webp): Promise<GeneratedAnimation> {
  return { name, bytes: await writeWebp(webp), extension: 'webp', expected: compose(webp) }
}

/** Writes an animation chunk by chunk, of stills that sharp encodes without loss. */
async function writeWebp({ width, height, background, loop, frames }: Webp): Promise<Buffer> {
  const canvas = Buffer.alloc(10)
  canvas[0] = 0x02 | 0x10
  canvas.writeUIntLE(width - 1, 4, 3)
  canvas.writeUIntLE(height - 1, 7, 3)
  const animation = Buffer.alloc(6)
  animation.writeUInt32LE(background)
  animation.writeUInt16LE(loop, 4)
  const chunks = [chunk('VP8X', canvas), chunk('ANIM', animation)]
  for (const frame of frames) chunks.push(chunk('ANMF', await frameData(frame)))
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]))
}

async function frameData(frame: WebpFrame): Promise<Buffer> {
  const { left, top, width, height, duration, blends, isDisposed } = frame
  const header = Buffer.alloc(16)
  for (const [at, value] of [left / 2, top / 2, width - 1, height - 1, duration].entries())
    header.writeUIntLE(value, at * 3, 3)
  header[15] = (blends ? 0 : 2) | (isDisposed ? 1 : 0)
  const still = await sharp(frame.pixels, { raw: { width, height, channels: 4 } })
    .webp({ lossless: true, exact: true, effort: 0 })
    .toBuffer()
  // Without the header of the file, and without the VP8X that a still with alpha may have.
  const start = still.toString('latin1', 12, 16) === 'VP8X' ? 30 : 12
  return Buffer.concat([header, still.subarray(start)])
}

function chunk(type: string, data: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.write(type, 'latin1')
  header.writeUInt32LE(data.length, 4)
  return Buffer.concat([header, data, Buffer.alloc(data.length % 2)])
}

/** Composes the frames as browsers do: they ignore the background colour. */
function compose({ width, height, loop, frames }: Webp): GeneratedAnimation['expected'] {
  const canvas = new Uint8Array(width * height * 4)
  const shown = frames.map((frame) => {
    for (let at = 0; at < frame.width * frame.height; at++)
      draw(frame, frame.pixels.subarray(at * 4, at * 4 + 4), at)
    const picture = canvas.slice()
    if (frame.isDisposed)
      for (let at = 0; at < frame.width * frame.height; at++)
        draw({ ...frame, blends: false }, new Uint8Array(4), at)
    return picture
  })
  return { width, height, frames: shown, delays: frames.map(({ duration }) => duration), plays: loop }

  function draw(frame: WebpFrame, pixel: Uint8Array, at: number): void {
    const x = frame.left + (at % frame.width)
    const to = ((frame.top + Math.floor(at / frame.width)) * width + x) * 4
    canvas.set(frame.blends ? over(pixel, canvas.subarray(to, to + 4)) : pixel, to)
  }
}

/** Blends a pixel over another, in fractions. */
function over(source: Uint8Array, under: Uint8Array): number[] {
  const [alpha, below] = [source[3]! / 255, (under[3]! / 255) * (1 - source[3]! / 255)]
  const sum = alpha + below
  if (sum === 0) return [0, 0, 0, 0]
  const colours = [0, 1, 2].map((at) => Math.round((source[at]! * alpha + under[at]! * below) / sum))
  return [...colours, Math.round(sum * 255)]
}

/** A frame of one colour. */
function plain(rgba: readonly number[], changes: Partial<WebpFrame> = {}): WebpFrame {
  const { width = WIDTH, height = HEIGHT } = changes
  const pixels = Uint8Array.from({ length: width * height * 4 }, (_, at) => rgba[at % 4]!)
  return {
    left: 0,
    top: 0,
    width,
    height,
    pixels,
    duration: 100,
    blends: true,
    isDisposed: false,
    ...changes,
  }
}

function animate(frames: readonly WebpFrame[], changes: Partial<Webp> = {}): Webp {
  return { width: WIDTH, height: HEIGHT, background: 0, loop: 0, frames, ...changes }
}

const RED = [255, 0, 0, 255]
const BLUE = [0, 0, 255, 255]
const HALF_GREEN = [0, 255, 0, 128]
const CLEAR = [0, 0, 0, 0]
const patch = { left: 4, top: 2, width: 7, height: 5 }
/** Opaque green, stored as BGRA. */
const GREEN_BACKGROUND = 0xff00ff00

const NAMED: Readonly<Record<string, Webp>> = {
  'half-over-opaque': animate([plain(RED), plain(HALF_GREEN, patch)]),
  'half-over-opaque-twice': animate([plain(RED), plain(HALF_GREEN), plain(HALF_GREEN, patch)]),
  'translucent-over-opaque': animate([plain(RED), plain([0, 255, 0, 100], patch), plain([9, 8, 7, 3])]),
  'half-over-clear': animate([plain(CLEAR), plain(HALF_GREEN, patch), plain(HALF_GREEN)]),
  'half-replaces': animate([plain(RED), plain(HALF_GREEN, { ...patch, blends: false })]),
  'disposed-first': animate([plain(RED, { isDisposed: true }), plain(BLUE, patch)]),
  'disposed-patch': animate([
    plain(RED),
    plain(BLUE, { ...patch, isDisposed: true }),
    plain(HALF_GREEN, { width: 2, height: 2 }),
  ]),
  'small-first': animate([plain(RED, patch), plain(HALF_GREEN)]),
  'background-colour': animate(
    [plain(RED, { ...patch, isDisposed: true }), plain(BLUE, { width: 2, height: 2 })],
    {
      background: GREEN_BACKGROUND,
    },
  ),
  opaque: animate([plain(RED), plain(BLUE)]),
  'transparent-over-opaque': animate([plain(RED), plain(CLEAR), plain(BLUE, patch)]),
  'long-frame': animate([plain(RED, { duration: 70_000 }), plain(BLUE)]),
  'longest-frame': animate([plain(RED, { duration: 2 ** 24 - 1 }), plain(HALF_GREEN)], { loop: 65_535 }),
}

function randomWebp(random: (below: number) => number): Webp {
  const frames = Array.from({ length: 2 + random(4) }, (): WebpFrame => {
    const whole = random(3) === 0
    const width = whole ? WIDTH : 1 + random(WIDTH - 2)
    const height = whole ? HEIGHT : 1 + random(HEIGHT - 2)
    const alphas = [[255], [0, 255], [0, 1, 64, 128, 200, 254, 255]][random(3)]!
    const pixels = Uint8Array.from({ length: width * height * 4 }, (_, at) =>
      at % 4 === 3 ? alphas[random(alphas.length)]! : random(256),
    )
    return {
      left: 2 * random(Math.floor((WIDTH - width) / 2) + 1),
      top: 2 * random(Math.floor((HEIGHT - height) / 2) + 1),
      width,
      height,
      pixels,
      duration: 20 + random(200),
      blends: random(3) > 0,
      isDisposed: random(3) === 0,
    }
  })
  return animate(frames, { background: random(2) * GREEN_BACKGROUND, loop: random(4) })
}
