import { createRandom, type Random } from './random.js'

/** Pixels of three bytes, row by row. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** An object in the picture: an ellipse of one colour. `texture` scales the noise on it. */
interface Shape {
  readonly x: number
  readonly y: number
  readonly halfWidth: number
  readonly halfHeight: number
  readonly colour: readonly [number, number, number]
  readonly texture: number
}

/** Lattice of random values for one octave of noise. `cell` is its spacing in pixels. */
interface Octave {
  readonly cell: number
  readonly columns: number
  readonly values: Float32Array
}

const SHAPES = 60
/** Amplitude of the coarsest octave in levels. Each finer one has 0.68 of it, about as in 1/f noise. */
const COARSEST = 36
/** Cell of the finest octave, which costs a codec the most bits. */
const FINEST_CELL = 2
/** Amplitude of the sensor grain in levels. */
const GRAIN = 14

/**
 * Draws an image that is as hard to compress as a camera's photo: a sky's gradient, objects with edges, 1/f noise and grain.
 * The same seed and size give the same bytes on every machine, since only plain arithmetic is used.
 */
export function drawPicture(width: number, height: number, seed: number): Picture {
  const random = createRandom(seed)
  const shapes = Array.from({ length: SHAPES }, () => makeShape(random, width, height))
  const octaves = makeOctaves(random, width, height)
  const data = new Uint8Array(width * height * 3)
  const texture = new Float32Array(width)
  const owners = new Int32Array(width)
  for (let y = 0; y < height; y++) {
    fillTexture(texture, octaves, y)
    fillOwners(owners, shapes, y)
    const sky = 200 - (110 * y) / height
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      const shape = shapes[owners[x]!]
      const light = (texture[x] ?? 0) * (shape?.texture ?? 0.5) + (random() + random() - 1) * GRAIN
      const [red, green, blue] = shape?.colour ?? [sky - 30, sky - 8, sky + 20]
      data[at] = clamp(red + light)
      data[at + 1] = clamp(green + light)
      data[at + 2] = clamp(blue + light)
    }
  }
  return { width, height, data }
}

function makeShape(random: Random, width: number, height: number): Shape {
  // Many small objects and few large ones, more in the lower part than in the sky.
  const size = (0.02 + 0.25 * random() ** 3) * Math.min(width, height)
  const grey = 30 + 190 * random()
  const tint = () => grey + 80 * (random() - 0.5)
  return {
    x: random() * width,
    y: Math.sqrt(random()) * height,
    halfWidth: size * (0.3 + random()),
    halfHeight: size * (0.3 + random()),
    colour: [tint(), tint(), tint()],
    texture: 0.3 + 1.2 * random(),
  }
}

function makeOctaves(random: Random, width: number, height: number): Octave[] {
  const octaves: Octave[] = []
  const coarsest = 2 ** Math.floor(Math.log2(Math.min(width, height) / 2))
  for (let cell = coarsest, weight = COARSEST; cell >= FINEST_CELL; cell /= 2, weight *= 0.68) {
    const columns = Math.floor(width / cell) + 2
    const rows = Math.floor(height / cell) + 2
    const values = Float32Array.from({ length: columns * rows }, () => (random() * 2 - 1) * weight)
    octaves.push({ cell, columns, values })
  }
  return octaves
}

/** Sums all octaves in one row. Each is interpolated linearly between its values. */
function fillTexture(texture: Float32Array, octaves: readonly Octave[], y: number): void {
  texture.fill(0)
  for (const { cell, columns, values } of octaves) {
    const above = Math.floor(y / cell) * columns
    const down = (y % cell) / cell
    let left = 0
    let right = values[above]! * (1 - down) + values[above + columns]! * down
    for (let x = 0, column = 0; x < texture.length; column++) {
      left = right
      right = values[above + column + 1]! * (1 - down) + values[above + columns + column + 1]! * down
      const step = (right - left) / cell
      const end = Math.min(x + cell, texture.length)
      for (let value = left; x < end; x++, value += step) texture[x]! += value
    }
  }
}

/** Stores the index of the topmost shape at each pixel of a row; -1 is the sky. */
function fillOwners(owners: Int32Array, shapes: readonly Shape[], y: number): void {
  owners.fill(-1)
  for (const [index, shape] of shapes.entries()) {
    const height = (y - shape.y) / shape.halfHeight
    if (Math.abs(height) >= 1) continue
    const half = shape.halfWidth * Math.sqrt(1 - height * height)
    const from = Math.max(0, Math.ceil(shape.x - half))
    const to = Math.min(owners.length, Math.ceil(shape.x + half))
    if (from < to) owners.fill(index, from, to)
  }
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)))
}
