// Generates every picture in fixtures/ except phone.heic (see fixtures/README.md): `npm run fixtures`.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { packBits, packBytes, writeBmp } from '../torture/grammar/bmp-file.js'
import { writeQoi } from '../torture/grammar/qoi.js'

const ROOT = fileURLToPath(new URL('../fixtures', import.meta.url))

type Colour = readonly [red: number, green: number, blue: number]

/** A view over hills. Lengths are fractions of the picture's height. */
interface Scene {
  readonly size: readonly [width: number, height: number]
  readonly seed: number
  /** From the top down to the horizon. */
  readonly sky: readonly [string, string]
  readonly sun: readonly [x: number, y: number, radius: number]
  readonly light: string
  readonly clouds: number
  /** From the farthest to the nearest. */
  readonly hills: readonly string[]
  /** Top of the farthest hills, and their height. @default [0.55, 0.3] */
  readonly relief?: readonly [top: number, rise: number]
  /** Height of the fir trees on the hills. @default 0 */
  readonly trees?: number
  /** Height of the water line. Everything below it is water. */
  readonly lake?: number
  /** SVG drawn on top, in units of 1/100 of the picture's height. */
  readonly details?: string
}

// Noise. It is deterministic, so that every run gives the same pictures.

/** Returns a pseudo-random number from 0 to 1 that depends only on the arguments (an integer hash). */
function draw(x: number, y: number, seed: number): number {
  let hash = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x3c6ef372)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32
}

const smooth = (share: number): number => share * share * (3 - 2 * share)
const blend = (from: number, to: number, share: number): number => from + (to - from) * share
const step = (from: number, to: number, value: number): number =>
  smooth(Math.min(1, Math.max(0, (value - from) / (to - from))))

/**
 * Returns fractal value noise (1/f), as in clouds, hills and most photos. Each octave has twice the frequency and half the
 * amplitude.
 */
function fractal(x: number, y: number, seed: number, octaves = 5): number {
  let sum = 0
  for (let octave = 0, scale = 1; octave < octaves; octave++, scale *= 2) {
    const [column, row] = [Math.floor(x * scale), Math.floor(y * scale)]
    const [u, v] = [smooth(x * scale - column), smooth(y * scale - row)]
    const at = (right: number, down: number): number => draw(column + right, row + down, seed + octave)
    sum += blend(blend(at(0, 0), at(1, 0), u), blend(at(0, 1), at(1, 1), u), v) / scale
  }
  return sum / (2 - 2 ** (1 - octaves))
}

// Renders scenes to pixels.

const mix = (from: Colour, to: Colour, share: number): Colour => [
  blend(from[0], to[0], share),
  blend(from[1], to[1], share),
  blend(from[2], to[2], share),
]

function parseColour(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function skyAt(scene: Scene, x: number, y: number): Colour {
  const [left, top, radius] = scene.sun
  const light = parseColour(scene.light)
  const distance = Math.hypot(x - left, y - top)
  const air = mix(parseColour(scene.sky[0]), parseColour(scene.sky[1]), step(0, 0.7, y))
  const glowing = mix(air, light, 0.75 * Math.exp(-distance / (radius * 3)))
  const sunny = mix(glowing, mix(light, [255, 255, 255], 0.7), step(radius, radius * 0.9, distance))
  return mix(
    sunny,
    mix(light, [255, 255, 255], 0.4),
    scene.clouds * step(0.5, 0.75, fractal(x * 2, y * 5, scene.seed)),
  )
}

/** Returns the y of the crest of a hill at `x`. */
function crestOf(scene: Scene, index: number, x: number): number {
  const near = index / scene.hills.length
  const [top, rise] = scene.relief ?? [0.55, 0.3]
  const rolling = fractal(x * (2.2 - near), index * 7, scene.seed + 50, index === 0 ? 6 : 4) - 0.5
  const place = x * (70 - 50 * near)
  const tree = Math.floor(place)
  const fir = (1 - Math.abs(2 * (place - tree) - 1)) * draw(tree, index, scene.seed + 90)
  return top + 0.4 * near - rise * (1.4 - near) * rolling - (scene.trees ?? 0) * (0.2 + near) * fir
}

function colourAt(scene: Scene, x: number, y: number): Colour {
  if (scene.lake !== undefined && y > scene.lake) {
    const depth = y - scene.lake
    const ripple = (fractal(x * 5, y * 45, scene.seed + 20, 3) - 0.5) * (0.02 + depth / 4)
    return mix(
      colourAt(scene, x + ripple, scene.lake - Math.abs(depth + ripple)),
      parseColour(scene.sky[0]),
      0.35,
    )
  }
  let colour = skyAt(scene, x, y)
  for (const [index, hill] of scene.hills.entries()) {
    const crest = crestOf(scene, index, x)
    if (y < crest) continue
    const near = (index + 1) / scene.hills.length
    const shade = 0.8 + 0.6 * near * (fractal(x * 12, y * 30, scene.seed + 30 + index) - 0.35)
    const [red, green, blue] = parseColour(hill)
    const misty = mix(
      [red * shade, green * shade, blue * shade],
      parseColour(scene.sky[1]),
      0.5 * (1 - near) + 0.9 * (1 - near) * (y - crest),
    )
    colour = mix(colour, misty, step(crest, crest + 0.004, y))
  }
  return colour
}

const repeat = (count: number, shape: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => shape(index)).join('')

function drawSvg(width: number, height: number, shapes: string): Buffer {
  const box = `viewBox="0 0 ${Math.round((100 * width) / height)} 100"`
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ${box}>${shapes}</svg>\n`,
  )
}

/** Paints a scene. Returns a sharp instance of raw pixels without pending operations. */
async function paint(scene: Scene): Promise<Sharp> {
  const [width, height] = scene.size
  const pixels = new Uint8ClampedArray(width * height * 3)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column
      const grain = 5 * (draw(column, row, scene.seed) - 0.5)
      pixels.set(
        colourAt(scene, column / height, row / height).map((value) => value + grain),
        at * 3,
      )
    }
  }
  const input = drawSvg(width, height, scene.details ?? '')
  const drawn = sharp(pixels, { raw: { width, height, channels: 3 } })
    .composite([{ input }])
    .removeAlpha()
  return sharp(await drawn.raw().toBuffer(), { raw: { width, height, channels: 3 } })
}

// Shapes that are neither symmetric nor the same upside down.

const HOUSE = `
  <path fill="#2b211f" d="M84 89V68h21v21z"/>
  <path fill="#1d1515" d="M81 70l13.5-14 13.5 14zM99 54h3.5v10H99z"/>
  <path fill="#ffd98a" d="M87 73h5v5h-5zM97 73h5v5h-5z"/>
  <path fill="#0f0a0a" d="M92.5 80h4v9h-4z"/>`
const BALLOON = `
  <path fill="#d8402f" d="M40 18c-12 0-18 8-18 17 0 10 10 17 14 25h8c4-8 14-15 14-25 0-9-6-17-18-17z"/>
  <path fill="#f4c95d" d="M40 18c-6 0-9 8-9 17 0 10 4 17 6 25h6c2-8 6-15 6-25 0-9-3-17-9-17z"/>
  <path fill="#d8402f" d="M40 18c-2 0-3 8-3 17 0 10 1 17 2 25h2c1-8 2-15 2-25 0-9-1-17-3-17z"/>
  <path fill="#5a3c28" d="M36 60h.6l1 7H37zM43.4 60h.6l-1 7h-.6zM37 66h6v4.5h-6z"/>`
const ARCHES = `
  <path fill="#4a2f2a" fill-rule="evenodd" d="M-5 48H103v5l2 2v5l3 2v34H-5z${repeat(7, (arch) => {
    const left = 15 * arch
    return `M${2 + left} 96V66a5 5 0 0 1 10 0V96zM${4 + left} 58v-3a3 3 0 0 1 6 0v3z`
  })}"/>`
const POPPIES = repeat(160, (flower) => {
  // Later flowers are nearer: larger, and in front.
  const down = (flower / 160) ** 1.6
  const [x, y, width] = [150 * draw(flower, 2, 7), 66 + 36 * down, 0.4 + 2.6 * down]
  const colour = flower % 3 === 0 ? '#c81e1e' : '#e8352b'
  return `<ellipse cx="${x}" cy="${y}" rx="${width}" ry="${0.75 * width}" fill="${colour}"/>`
})
const BOAT = `
  <path fill="#9fd3e6" d="M0 0h140v100H0z"/>
  <circle fill="#ffd35c" cx="22" cy="22" r="11"/>
  <path fill="#f7f3e8" d="M72 14v52H36z"/>
  <path fill="#e4572e" d="M76 22v44h26z"/>
  <path fill="#3b2a20" d="M72 10h3v60h-3z"/>
  <path fill="#7a3b20" d="M32 70h76l-10 14H44z"/>
  <path fill="#1d6a8c" d="M0 80q10-6 20 0t20 0 20 0 20 0 20 0 20 0 20 0v20H0z"/>
`
const BADGE = `
  <radialGradient id="halo">
    <stop offset=".3" stop-color="#ffe9a8" stop-opacity=".9"/>
    <stop offset="1" stop-color="#ffe9a8" stop-opacity="0"/>
  </radialGradient>
  <circle fill="url(#halo)" cx="50" cy="50" r="50"/>
  <g transform="translate(10 6)">${BALLOON}</g>`
const POSTER = `<g shape-rendering="crispEdges">
  <path fill="#f2e8cf" d="M0 0h140v100H0z"/>
  <circle fill="#e76f51" cx="34" cy="28" r="15"/>
  <path fill="#2a9d8f" d="M-10 90L44 34l54 56z"/>
  <path fill="#264653" d="M40 90l48-62 54 62z"/>
  <path fill="#fff" d="M88 28l12.2 14-6-2-5 6-6-6-6 2z"/>
  <path fill="#e9c46a" d="M0 84h140v16H0z"/></g>`
const PAGE = `
  <path fill="#b9b4a8" d="M0 0h80v100H0z"/>
  <g transform="rotate(-1.5 35 50)">
    <path fill="#faf7ef" d="M3 3h65v94H3z"/>
    <path fill="#22222c" d="M10 11h34v4H10z"/>
    <circle fill="none" stroke="#b3202a" stroke-width="1.5" cx="58" cy="84" r="6"/>
    <path fill="#4a4a55" d="${repeat(100, (word) => {
      const length = 4 + 5.5 * draw(word, 0, 3)
      return `M${10 + 10.5 * (word % 5)} ${22 + 2.8 * Math.floor(word / 5)}h${length}v1.2h-${length}z`
    })}"/>
  </g>`

// The pictures.

const DAY: Scene = {
  size: [800, 600],
  seed: 4,
  sky: ['#3d82c4', '#d9e8ee'],
  sun: [0.24, 0.2, 0.055],
  light: '#fff0b8',
  clouds: 0.8,
  hills: ['#7d95ab', '#5f8468', '#4f7d3d', '#5f8f35'],
  trees: 0.03,
  details: HOUSE,
}
const DUSK: Scene = {
  size: [960, 720],
  seed: 12,
  sky: ['#3a3f78', '#f3a978'],
  sun: [0.45, 0.5, 0.04],
  light: '#ffd9a0',
  clouds: 0.35,
  hills: ['#6a5a86', '#463f66', '#231f38'],
  relief: [0.5, 0.42],
  trees: 0.06,
  lake: 0.76,
}
const MORNING: Scene = {
  size: [480, 640],
  seed: 21,
  sky: ['#6fa8d8', '#fbe3c4'],
  sun: [0.12, 0.14, 0.035],
  light: '#fff3cf',
  clouds: 0.6,
  hills: ['#9bb0c0', '#7f9c7a', '#5d8049', '#44682f'],
  relief: [0.62, 0.2],
  trees: 0.02,
  details: BALLOON,
}
const ROME: Scene = {
  size: [640, 427],
  seed: 33,
  sky: ['#5b6fa8', '#ffc98c'],
  sun: [0.3, 0.3, 0.06],
  light: '#ffe2a8',
  clouds: 0.5,
  hills: ['#a98a8c', '#86705a', '#6b5a3a'],
  relief: [0.62, 0.15],
  details: ARCHES,
}
const DUNES: Scene = {
  size: [640, 480],
  seed: 44,
  sky: ['#4c93cf', '#f2e3c6'],
  sun: [0.2, 0.16, 0.05],
  light: '#fff4cc',
  clouds: 0.1,
  hills: ['#d9b384', '#cf9a5c', '#bb7a3c', '#a5622c'],
  relief: [0.55, 0.35],
}
const MIST: Scene = {
  size: [640, 480],
  seed: 52,
  sky: ['#9a9a9a', '#f0f0f0'],
  sun: [0.3, 0.2, 0.05],
  light: '#ffffff',
  clouds: 0.3,
  hills: ['#a8a8a8', '#808080', '#585858', '#2c2c2c'],
  relief: [0.42, 0.4],
  trees: 0.09,
}
const MEADOW: Scene = {
  size: [480, 320],
  seed: 61,
  sky: ['#5c9fd0', '#e2eef0'],
  sun: [0.25, 0.2, 0.05],
  light: '#fff2c4',
  clouds: 0.7,
  hills: ['#87a08f', '#6f9a52', '#5d8f38'],
  relief: [0.5, 0.15],
  trees: 0.03,
  details: POPPIES,
}
const EMBER: Scene = {
  size: [480, 320],
  seed: 72,
  sky: ['#7a0f5a', '#ff4a00'],
  sun: [0.4, 0.42, 0.1],
  light: '#ffe100',
  clouds: 0.15,
  hills: ['#c8001e', '#8a0048', '#00904a'],
  relief: [0.6, 0.3],
  trees: 0.04,
}
const MOONLIGHT: Scene = {
  size: [480, 320],
  seed: 83,
  sky: ['#0b1230', '#33507c'],
  sun: [0.3, 0.2, 0.06],
  light: '#cfdcf5',
  clouds: 0.12,
  hills: ['#25385e', '#172544', '#0a1020'],
  relief: [0.52, 0.4],
  trees: 0.07,
  lake: 0.78,
}

/** Paints six hours of one day. The number of dots is the number of the frame. */
async function paintFrames(): Promise<Sharp> {
  const hours = [
    { sky: ['#6b5b95', '#f7b58b'], dark: 0.25 },
    { sky: ['#7fb2de', '#f6e6c8'], dark: 0 },
    { sky: ['#3d82c4', '#d9e8ee'], dark: 0 },
    { sky: ['#4a90c8', '#f3e2b0'], dark: 0 },
    { sky: ['#7a3f6a', '#ff9a52'], dark: 0.25 },
    { sky: ['#0b1230', '#2b4470'], dark: 0.6 },
  ] as const
  const frames = hours.map(async ({ sky, dark }, index) => {
    const night = `<path fill="#0b1230" opacity="${dark}" d="M0 0h140v100H0z"/>`
    const dots = repeat(index + 1, (dot) => `<circle fill="#fff" cx="${8 + 10 * dot}" cy="92" r="3.5"/>`)
    const sun = [0.12 + 0.2 * index, 0.18 + 0.05 * (index - 2.5) ** 2, 0.07] as const
    const image = await paint({ ...DAY, size: [120, 90], sky, sun, details: night + HOUSE + dots })
    return image.png().toBuffer()
  })
  return sharp(await Promise.all(frames), { join: { animated: true } })
}

/** Paints a gradient with steps much finer than those of 8 bits. */
function paintDeep(width: number, height: number): Sharp {
  const pixels = new Uint16Array(width * height * 3)
  for (let at = 0; at < width * height; at++) {
    const [column, row] = [at % width, Math.floor(at / width)]
    pixels.set(
      [12_000 + 180 * row + 13 * column, 16_000 + 95 * row + 7 * column, 34_000 - 40 * row + 11 * column],
      at * 3,
    )
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } }).toColourspace('rgb16')
}

// Bytes that sharp cannot write.

type Entry = readonly [tag: number, type: number, count: number, value: Buffer]
const [BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED] = [1, 2, 3, 4, 5, 7]

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index))
  return bytes
}
const ascii = (tag: number, text: string): Entry => [tag, ASCII, text.length + 1, Buffer.from(`${text}\0`)]
const long = (tag: number, value: number): Entry => [tag, LONG, 1, words(value)]
const short = (tag: number, value: number): Entry => [tag, SHORT, 1, words(value)]
const degrees = (tag: number, whole: number, minutes: number, seconds: number): Entry => [
  tag,
  RATIONAL,
  3,
  words(whole, 1, minutes, 1, Math.round(seconds * 100), 100),
]

/** Encodes a TIFF directory for `offset`. Values that do not fit into their entries follow it. */
function encodeDirectory(entries: readonly Entry[], offset: number, next = 0): Buffer {
  const head = Buffer.alloc(2 + 12 * entries.length + 4)
  const parts: Buffer[] = [head]
  let end = offset + head.length
  head.writeUInt16LE(entries.length)
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 2 + 12 * index
    head.writeUInt16LE(tag, at)
    head.writeUInt16LE(type, at + 2)
    head.writeUInt32LE(count, at + 4)
    if (value.length <= 4) {
      value.copy(head, at + 8)
    } else {
      // TIFF 6.0: values start at even offsets.
      const padded = Buffer.concat([value, Buffer.alloc(value.length % 2)])
      head.writeUInt32LE(end, at + 8)
      parts.push(padded)
      end += padded.length
    }
  }
  head.writeUInt32LE(next, head.length - 4)
  return Buffer.concat(parts)
}

/** Encodes EXIF as a camera writes it: camera, artist, date, GPS position, and the given thumbnail. */
function encodeExif(thumbnail: Buffer): Buffer {
  const photo = [[0x9000, UNDEFINED, 4, Buffer.from('0232')], ascii(0x9003, '2026:06:21 09:30:00')] as const
  const place = [
    [0, BYTE, 4, Buffer.from([2, 3, 0, 0])],
    ascii(1, 'N'),
    degrees(2, 41, 53, 24.72),
    ascii(3, 'E'),
    degrees(4, 12, 29, 32.28),
  ] as const
  const camera = (exif: number, gps: number): Entry[] => [
    ascii(0x010f, 'Imgproc Works'),
    ascii(0x0110, 'Fixture One'),
    short(0x0112, 1),
    ascii(0x013b, 'Ada Example'),
    ascii(0x8298, '(c) 2026 Ada Example'),
    long(0x8769, exif),
    long(0x8825, gps),
  ]
  const embedded = (at: number): Entry[] => [
    short(0x0103, 6),
    long(0x0201, at),
    long(0x0202, thumbnail.length),
  ]
  const exifAt = 8 + encodeDirectory(camera(0, 0), 8).length
  const gpsAt = exifAt + encodeDirectory(photo, exifAt).length
  const secondAt = gpsAt + encodeDirectory(place, gpsAt).length
  const thumbnailAt = secondAt + encodeDirectory(embedded(0), secondAt).length
  return Buffer.concat([
    Buffer.from('II*\0'),
    words(8),
    encodeDirectory(camera(exifAt, gpsAt), 8, secondAt),
    encodeDirectory(photo, exifAt),
    encodeDirectory(place, gpsAt),
    encodeDirectory(embedded(thumbnailAt), secondAt),
    thumbnail,
  ])
}

/** Inserts EXIF before all other segments of a JPEG, as cameras do. */
function spliceExif(jpeg: Buffer, exif: Buffer): Buffer {
  const payload = Buffer.concat([Buffer.from('Exif\0\0'), exif])
  const marker = Buffer.from([0xff, 0xe1, 0, 0])
  marker.writeUInt16BE(payload.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), marker, payload, jpeg.subarray(2)])
}

/** Encodes a PNG of under 200 bytes whose header claims 30000x30000 pixels of RGB. */
function encodeBomb(): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, check])
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0])
  header.writeUInt32BE(30_000, 0)
  header.writeUInt32BE(30_000, 4)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(90_001))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

// The files.

async function save(path: string, data: Sharp | Buffer | string): Promise<void> {
  const file = join(ROOT, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, typeof data === 'string' || Buffer.isBuffer(data) ? data : await data.toBuffer())
}

async function makePhotos(day: Sharp): Promise<void> {
  const magenta = sharp({ create: { width: 160, height: 120, channels: 3, background: '#ff00ff' } })
  const exif = encodeExif(await magenta.jpeg().toBuffer())
  await save('photos/landscape.jpg', spliceExif(await day.clone().jpeg().toBuffer(), exif))
  await save('photos/progressive.jpg', (await paint(DUSK)).jpeg({ progressive: true }))
  await save('photos/portrait.webp', (await paint(MORNING)).webp())
  await save('photos/Trip [Rome]/a (1).jpg', (await paint(ROME)).jpeg())
  await save('photos/UPPER.JPG', (await paint(DUNES)).jpeg())
  await save('photos/grey.jpg', (await paint(MIST)).toColourspace('b-w').jpeg())
  await save('photos/cmyk.jpg', (await paint(MEADOW)).toColourspace('cmyk').jpeg())
  await save(
    'photos/display-p3.jpg',
    (await paint(EMBER)).withIccProfile('p3').jpeg({ chromaSubsampling: '4:4:4' }),
  )
  await save('photos/photo.avif', (await paint(MOONLIGHT)).avif({ effort: 9 }))
  await save('photos/deep.png', paintDeep(320, 200).png({ adaptiveFiltering: true }))
  await save(
    'photos/flat-art.png',
    sharp(drawSvg(400, 300, POSTER))
      .removeAlpha()
      .png({ palette: true, dither: 0 }),
  )
  await save('photos/alpha.png', sharp(drawSvg(300, 300, BADGE)).png())
  await save(
    'photos/scan.tiff',
    sharp(drawSvg(496, 702, PAGE))
      .removeAlpha()
      .withMetadata({ density: 60 })
      .tiff({ compression: 'deflate', predictor: 'horizontal' }),
  )
  await save('photos/drawing.svg', drawSvg(400, 300, BOAT))
  const frames = await paintFrames()
  await save('photos/animated.gif', frames.clone().gif({ loop: 3, delay: [100, 200, 300, 400, 500, 600] }))
  await save('photos/animated.webp', frames.clone().webp({ loop: 0, delay: [150, 250, 350, 450, 550, 650] }))
}

/** Saves one view in each of the eight EXIF orientations. */
async function makeOrientations(): Promise<void> {
  const view = await paint({ ...DAY, size: [240, 160], seed: 91 })
  const stored: readonly ((image: Sharp) => Sharp)[] = [
    (image) => image,
    (image) => image.flop(),
    (image) => image.rotate(180),
    (image) => image.flip(),
    (image) => image.flip().rotate(90),
    (image) => image.rotate(270),
    (image) => image.flop().rotate(90),
    (image) => image.rotate(90),
  ]
  for (const [index, store] of stored.entries()) {
    const image = store(view.clone()).withMetadata({ orientation: index + 1 })
    await save(
      `photos/orientation/Landscape_${index + 1}.jpg`,
      image.jpeg({ quality: 90, chromaSubsampling: '4:4:4' }),
    )
  }
}

async function makeBroken(day: Sharp): Promise<void> {
  const cut = (whole: Buffer): Buffer => whole.subarray(0, Math.floor(whole.length * 0.6))
  const small = day.clone().resize(320)
  await save('broken/truncated.jpg', cut(await small.clone().jpeg().toBuffer()))
  await save('broken/truncated.png', cut(await small.clone().resize(160).png().toBuffer()))
  await save('broken/empty.jpg', '')
  await save(
    'broken/garbage.png',
    Buffer.from(Array.from({ length: 2000 }, (_, index) => Math.floor(256 * draw(index, 0, 5)))),
  )
  await save('broken/text.jpg', 'This is a text file that somebody named .jpg.\n')
}

async function makeOdd(day: Sharp): Promise<void> {
  const small = day.clone().resize(200)
  await save('odd/lying.jpg', await small.clone().png({ palette: true }).toBuffer())
  await save('odd/no-extension', await small.clone().jpeg().toBuffer())
  await save('odd/notes.txt', 'Notes beside the pictures. No picture.\n')
  await save('odd/bomb.png', encodeBomb())
  await save(
    'odd/one-pixel.png',
    sharp({ create: { width: 1, height: 1, channels: 3, background: '#ff8800' } }).png(),
  )
  await save('odd/wide.png', day.clone().extract({ left: 0, top: 300, width: 400, height: 3 }).png())
}

/** Saves small views in formats that sharp does not read. */
async function makeFormats(day: Sharp): Promise<void> {
  const read = async (image: Sharp) => image.raw().toBuffer({ resolveWithObject: true })
  const view = await read(day.clone().resize(64, 48).removeAlpha())
  const { width, height } = view.info
  const valuesOf = (y: number) =>
    Array.from({ length: width }, (_, x) => view.data.readUIntBE((y * width + x) * 3, 3))
  const rows = Array.from({ length: height }, (_, y) => packBytes(valuesOf(y), 3)).toReversed()
  const data = Buffer.concat(rows)
  await save('formats/view.bmp', writeBmp({ headerBytes: 40, width, height, bits: 24, data }))
  await save('formats/view.ppm', Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), view.data]))
  const alpha = await read(day.clone().resize(64, 48).ensureAlpha())
  await save('formats/view.qoi', writeQoi(alpha.data, width, height, 3))
  await save('formats/icon.ico', await encodeIcon(day))
}

/** Encodes an icon: a balloon of 16x16 in a palette, and one of 48x48 as PNG. */
async function encodeIcon(day: Sharp): Promise<Buffer> {
  const png = await day
    .clone()
    .extract({ left: 80, top: 60, width: 400, height: 400 })
    .resize(48, 48)
    .png()
    .toBuffer()
  const palette = [
    [250, 200, 60],
    [40, 60, 120],
  ] as const
  const pixels = Array.from({ length: 16 }, (_, y) =>
    packBits(
      Array.from({ length: 16 }, (_value, x) => Number(Math.hypot(x - 7.5, y - 7.5) > 5)),
      1,
      4,
    ),
  )
  const corners = Array.from({ length: 16 }, (_, y) =>
    packBits(
      Array.from({ length: 16 }, (_value, x) => Number(Math.hypot(x - 7.5, y - 7.5) > 8)),
      1,
      4,
    ),
  )
  const bmp = writeBmp({
    headerBytes: 40,
    width: 16,
    height: 32,
    bits: 1,
    palette,
    data: Buffer.concat([...pixels, ...corners]),
    hasFileHeader: false,
  })
  const head = Buffer.alloc(6 + 32)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(2, 4)
  for (const [index, [side, bits, bytes, offset]] of [
    [16, 1, bmp.length, head.length],
    [48, 32, png.length, head.length + bmp.length],
  ].entries()) {
    const at = 6 + 16 * index
    head.set([side!, side!, 0, 0, 1, 0, bits!, 0], at)
    head.writeUInt32LE(bytes!, at + 8)
    head.writeUInt32LE(offset!, at + 12)
  }
  return Buffer.concat([head, bmp, png])
}

for (const folder of ['photos', 'broken', 'odd', 'formats']) {
  await rm(join(ROOT, folder), { recursive: true, force: true })
}
const day = await paint(DAY)
await makePhotos(day)
await makeOrientations()
await makeBroken(day)
await makeOdd(day)
await makeFormats(day)
