import { createPixels, drawPattern, type GeneratedPixels } from './pattern.js'

const WIDTH = 11
const HEIGHT = 7

/** Greatest values: bits, odd ones, and those at the limit of one and two bytes. */
const MAXIMA = [1, 3, 15, 100, 200, 255, 256, 1000, 4095, 65_535]

/** A kind of file: samples of a pixel, and how they are written. */
interface Kind {
  readonly name: string
  readonly extension: string
  readonly channels: 1 | 2 | 3 | 4
  readonly write: (samples: readonly number[], max: number) => Buffer
}

const KINDS: readonly Kind[] = [
  { name: 'P2', extension: 'pgm', channels: 1, write: (samples, max) => text('P2', samples, max) },
  { name: 'P3', extension: 'ppm', channels: 3, write: (samples, max) => text('P3', samples, max) },
  {
    name: 'P5',
    extension: 'pgm',
    channels: 1,
    write: (samples, max) => binary(plainHead('P5', max), samples, max),
  },
  {
    name: 'P6',
    extension: 'ppm',
    channels: 3,
    write: (samples, max) => binary(plainHead('P6', max), samples, max),
  },
  ...(
    [
      ['GRAYSCALE', 1],
      ['GRAYSCALE_ALPHA', 2],
      ['RGB', 3],
      ['RGB_ALPHA', 4],
    ] as const
  ).map(([tuple, channels]): Kind => ({
    name: `P7 ${tuple}`,
    extension: 'pam',
    channels,
    write: (samples, max) => binary(pamHead(tuple, channels, max), samples, max),
  })),
]

/** Generates PNM files of all kinds and greatest values, with comments and spaces at odd places. */
export function* pnms(): Generator<GeneratedPixels> {
  for (const kind of KINDS) for (const max of MAXIMA) yield makeFile(kind, max)
  const bits = Array.from({ length: WIDTH * HEIGHT }, (_, at) => Number(at % 3 === 0 || at % 7 === 0))
  const expected = createPixels(WIDTH, HEIGHT, (x, y) => {
    const grey = bits[y * WIDTH + x] === 1 ? 0 : 255
    return [grey, grey, grey, 255]
  })
  const size = `${WIDTH} ${HEIGHT}\n`
  const rows = Array.from({ length: HEIGHT }, (_, y) => bits.slice(y * WIDTH, (y + 1) * WIDTH))
  const files: Readonly<Record<string, Buffer>> = {
    P1: Buffer.from(`P1\n${size}${rows.map((row) => row.join(' ')).join('\n')}\n`),
    'P1 without spaces': Buffer.from(`P1 ${size}${bits.join('')}`),
    'P1 with comments': Buffer.from(
      `P1\n# one\n#two\n${WIDTH} # three\r\n ${HEIGHT}\n${rows.map((row) => row.join('')).join(' # and\n')}`,
    ),
    P4: Buffer.concat([Buffer.from(`P4\n${size}`), ...rows.map(packRow)]),
    'P4 with a comment': Buffer.concat([Buffer.from(`P4 # made\n#\n${size}`), ...rows.map(packRow)]),
  }
  for (const [name, bytes] of Object.entries(files)) yield { name, bytes, extension: 'pbm', expected }
  const white = Buffer.concat([pamHead('BLACKANDWHITE', 1, 1), Buffer.from(bits.map((bit) => 1 - bit))])
  yield { name: 'P7 BLACKANDWHITE', bytes: white, extension: 'pam', expected }
}

function makeFile({ name, extension, channels, write }: Kind, max: number): GeneratedPixels {
  const isGrey = channels < 3
  const channelsOf = (x: number, y: number) => {
    const [r, g, b, a] = drawPattern(x, y, WIDTH, HEIGHT)
    return isGrey ? [b, a].slice(0, channels) : [r, g, b, a].slice(0, channels)
  }
  const samplesOf = (x: number, y: number) => channelsOf(x, y).map((value) => Math.round((value / 255) * max))
  const samples = Array.from({ length: WIDTH * HEIGHT }, (_, at) =>
    samplesOf(at % WIDTH, Math.floor(at / WIDTH)),
  ).flat()
  const expected = createPixels(WIDTH, HEIGHT, (x, y) => {
    const scaled = samplesOf(x, y).map((value) => Math.round((value * 255) / max))
    const [one, two, three, four] = scaled
    return isGrey ? [one!, one!, one!, two ?? 255] : [one!, two!, three!, four ?? 255]
  })
  return { name: `${name}, greatest ${max}`, bytes: write(samples, max), extension, expected }
}

function plainHead(kind: string, max: number): Buffer {
  return Buffer.from(`${kind}\n# made by a program\n${WIDTH}\t${HEIGHT} ${max}\n`)
}

function pamHead(tuple: string, channels: number, max: number): Buffer {
  return Buffer.from(
    `P7\n# made\nWIDTH ${WIDTH}\nHEIGHT ${HEIGHT}\nDEPTH ${channels}\nMAXVAL ${max}\nTUPLTYPE ${tuple}\nENDHDR\n`,
  )
}

function text(kind: string, samples: readonly number[], max: number): Buffer {
  return Buffer.from(
    `${kind}\n# ${max}\n${WIDTH} ${HEIGHT}\n${max}\n${samples.join(' ').replace(' 0', '\n0')}\n`,
  )
}

function binary(head: Buffer, samples: readonly number[], max: number): Buffer {
  const bytes = max > 255 ? 2 : 1
  const data = Buffer.alloc(samples.length * bytes)
  for (const [at, sample] of samples.entries()) data.writeUIntBE(sample, at * bytes, bytes)
  return Buffer.concat([head, data])
}

function packRow(row: readonly number[]): Buffer {
  const packed = Buffer.alloc(Math.ceil(row.length / 8))
  for (const [x, bit] of row.entries()) packed[x >> 3] = packed[x >> 3]! | (bit << (7 - (x & 7)))
  return packed
}
