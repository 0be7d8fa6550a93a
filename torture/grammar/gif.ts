import { writeGif, type Gif, type GifFrame, type Palette } from './gif-file.js'

/** A generated animation, and its frames as a browser shows them. */
export interface GeneratedAnimation {
  readonly name: string
  readonly bytes: Buffer
  readonly extension: 'gif' | 'webp' | 'apng'
  readonly expected: {
    readonly width: number
    readonly height: number
    /** RGBA of the whole canvas, one per frame. */
    readonly frames: readonly Uint8Array[]
    /** Milliseconds. */
    readonly delays: readonly number[]
    /** Number of times it plays; 0 is endless. */
    readonly plays: number
  }
}

const COLOURS: Palette = [
  [250, 0, 0],
  [0, 240, 0],
  [0, 0, 230],
  [255, 255, 255],
]
const LOCAL: Palette = [
  [10, 20, 30],
  [200, 100, 0],
  [0, 100, 200],
  [90, 90, 90],
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
  [70, 80, 90],
]
/** All 256 indices are colours, and pixels use them: no index is free for transparency. */
const FULL: Palette = Array.from({ length: 256 }, (_, at) => [at, 255 - at, (at * 7) % 256] as const)

const WIDTH = 20
const HEIGHT = 16

/** Generates GIFs of the whole frame algebra: disposal, transparency, offsets, palettes, interlacing, sizes, times. */
export function* gifs(count = 300): Generator<GeneratedAnimation> {
  for (const [name, gif] of Object.entries(NAMED)) yield generate(name, gif)
  const random = createRandom(1)
  for (let at = 0; at < count; at++) yield generate(`random-${at}`, randomGif(random))
}

function generate(name: string, gif: Gif): GeneratedAnimation {
  return { name, bytes: writeGif(gif), extension: 'gif', expected: compose(gif) }
}

/** Composes the frames as browsers do: uncovered and disposed areas are transparent, whatever the background colour. */
function compose(gif: Gif): GeneratedAnimation['expected'] {
  const { frames, loop } = gif
  // Browsers enlarge the canvas to the first frame.
  const width = Math.max(gif.width, frames[0]!.left + frames[0]!.width)
  const height = Math.max(gif.height, frames[0]!.top + frames[0]!.height)
  let canvas = new Uint8Array(width * height * 4)
  const shown = frames.map((frame) => {
    const before = canvas.slice()
    const palette = frame.palette ?? gif.palette ?? []
    paint(canvas, frame, (index) => {
      const colour = index === frame.transparent ? undefined : (palette[index] ?? [0, 0, 0])
      return colour && [...colour, 255]
    })
    const picture = canvas.slice()
    if (frame.disposal === 2) paint(canvas, frame, () => [0, 0, 0, 0])
    if (frame.disposal === 3 || frame.disposal === 4) canvas = before
    return picture
  })
  const plays = loop === undefined ? 1 : loop === 0 ? 0 : loop + 1
  return { width, height, frames: shown, delays: frames.map(({ delay }) => delay * 10), plays }

  function paint(onto: Uint8Array, frame: GifFrame, colourOf: (index: number) => number[] | undefined): void {
    for (const [at, index] of frame.pixels.entries()) {
      const x = frame.left + (at % frame.width)
      const y = frame.top + Math.floor(at / frame.width)
      const colour = colourOf(index)
      if (x < width && y < height && colour !== undefined) onto.set(colour, (y * width + x) * 4)
    }
  }
}

/** A frame of one colour. */
function plain(index: number, changes: Partial<GifFrame> = {}): GifFrame {
  const { width = WIDTH, height = HEIGHT } = changes
  const pixels = new Uint8Array(width * height).fill(index)
  return { left: 0, top: 0, width, height, pixels, delay: 10, disposal: 1, ...changes }
}

const patch = { left: 5, top: 3, width: 6, height: 4 }
const corner = { left: 0, top: 0, width: 4, height: 4 }
const full = { palette: FULL, pixels: Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => at % 256) }
const half = {
  width: WIDTH,
  height: 13,
  palette: FULL,
  pixels: Uint8Array.from({ length: WIDTH * 13 }, (_, at) => at % 256),
}

function animate(frames: readonly GifFrame[], changes: Partial<Gif> = {}): Gif {
  return { width: WIDTH, height: HEIGHT, palette: COLOURS, loop: 0, frames, ...changes }
}

const NAMED: Readonly<Record<string, Gif>> = {
  'small-first': animate([plain(1, patch), plain(2, corner)]),
  still: animate([plain(1, patch)]),
  'still-without-colours-to-spare': animate([plain(0, half)]),
  'background-disposal': animate([plain(0), plain(1, { ...patch, disposal: 2 }), plain(2, corner)]),
  'background-disposal-first': animate([plain(0, { disposal: 2 }), plain(2, corner)]),
  'previous-first': animate([plain(0, { disposal: 3 }), plain(1, patch)]),
  'previous-chain': animate([
    plain(0),
    plain(1, { ...patch, disposal: 3 }),
    plain(2, { ...corner, disposal: 3 }),
    plain(3, { left: 3, top: 3, width: 4, height: 4 }),
  ]),
  'no-colours-to-spare': animate([plain(0, { ...full, disposal: 2 }), plain(2, corner), plain(0, half)]),
  'transparent-first': animate([plain(0, { transparent: 0 }), plain(2, corner)]),
  'outside-right': animate([plain(0), plain(1, { left: 15, top: 12, width: 10, height: 10 })]),
  'outside-whole': animate([plain(0), plain(1, { left: 30, top: 2, width: 4, height: 4 }), plain(2, corner)]),
  'larger-first': animate([plain(0, { width: 26, height: 20 }), plain(1, patch)]),
  'canvas-1x1': animate([plain(0), plain(1, patch)], { width: 1, height: 1 }),
  'canvas-0x0': animate([plain(0), plain(1, patch)], { width: 0, height: 0 }),
  'local-palettes': animate([plain(0), plain(5, { ...patch, palette: LOCAL })]),
  'background-index': animate([plain(1, patch), plain(2, corner)], { background: 3 }),
  interlaced: animate([plain(0, { ...full, interlaced: true }), plain(1, { ...patch, interlaced: true })]),
  'undefined-disposals': animate(
    [4, 5, 6, 7].map((disposal) => plain(disposal - 4, { ...patch, left: disposal, disposal })),
  ),
  'undefined-disposal-last': animate([plain(0), plain(1, { ...patch, disposal: 4 }), plain(2, corner)]),
  'index-without-colour': animate([plain(0), plain(3, { ...patch, palette: COLOURS.slice(0, 3) })]),
  'no-palette': { width: WIDTH, height: HEIGHT, loop: 0, frames: [plain(0), plain(1, patch)] },
  'transparent-index-without-colour': animate([plain(0, { ...patch, transparent: 200 }), plain(1, corner)]),
  'interlaced-cut-off': animate([plain(0), plain(0, { ...half, top: 8, interlaced: true })]),
  'loop-65535': animate([plain(0), plain(1)], { loop: 65535 }),
  'loop-65534': animate([plain(0), plain(1)], { loop: 65534 }),
  'loop-1': animate([plain(0), plain(1)], { loop: 1 }),
  'plays-once': { width: WIDTH, height: HEIGHT, palette: COLOURS, frames: [plain(0), plain(1)] },
  'delay-65540': animate([plain(0, { delay: 6554 }), plain(1)]),
  'delay-655350': animate([plain(0), plain(1, { delay: 65535 })]),
  'delay-0': animate([plain(0, { delay: 0 }), plain(1, { delay: 1 }), plain(2, { delay: 2 })]),
  'equal-frames': animate([plain(0), plain(0), plain(1), plain(2), plain(2)]),
  'all-equal': animate([plain(0), plain(0), plain(0)]),
  'equal-and-long': animate([plain(0, { delay: 65535 }), plain(0, { delay: 65535 }), plain(1)]),
}

type Random = (below: number) => number

function randomGif(random: Random): Gif {
  const palette = COLOURS
  const frames = Array.from({ length: 1 + random(5) }, (_, at): GifFrame => {
    const whole = random(3) === 0
    const width = whole ? WIDTH : 1 + random(WIDTH)
    const height = whole ? HEIGHT : 1 + random(HEIGHT)
    // The first frame stays inside: another one would enlarge the canvas.
    const reach = at === 0 ? 0 : 3
    const local = random(4) === 0
    const colours = local ? LOCAL : palette
    return {
      left: random(WIDTH - width + 1 + reach),
      top: random(HEIGHT - height + 1 + reach),
      width,
      height,
      // Stripes and noise.
      pixels: Uint8Array.from({ length: width * height }, (_value, pixel) =>
        random(4) === 0 ? random(colours.length) : Math.floor(pixel / 3) % colours.length,
      ),
      delay: 2 + random(100),
      disposal: random(4),
      ...(random(3) === 0 && { transparent: random(colours.length) }),
      ...(local && { palette: LOCAL }),
      ...(random(4) === 0 && { interlaced: true }),
    }
  })
  return { width: WIDTH, height: HEIGHT, palette, background: random(4), loop: random(3), frames }
}

/** Returns the same numbers at every call (a linear congruential generator). */
export function createRandom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}
