import { createRandom, type Random } from './random.js'

/** Pixels, three bytes each. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** A thing in the picture: an ellipse of one colour, with so much of the texture on it. */
interface Shape {
  readonly x: number
  readonly y: number
  readonly halfWidth: number
  readonly halfHeight: number
  readonly colour: readonly [number, number, number]
  readonly texture: number
}

/** The lattice of random values that one octave of noise is stretched from. */
interface Octave {
  readonly cell: number
  readonly columns: number
  readonly values: Float32Array
}

const SHAPES = 60
/** Levels that the coarsest octave moves a pixel by; each finer one moves it by half as much, which is 1/f. */
const COARSEST = 36
/** The finest octave, which compression sees most of. */
const FINEST_CELL = 2
/** Levels of a sensor's grain. */
const GRAIN = 14

/**
 * Draws what a camera's photo is to a codec: a sky's gradient, things with edges, 1/f noise for texture, and grain.
 * The same seed and size give the same bytes everywhere: it is plain arithmetic.
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
  // Many small things and few large ones, lower down more often than in the sky.
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

/** One row of all octaves together, each stretched linearly between its values. */
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

/** Which shape is on top at each pixel of a row; -1 is the sky. */
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
