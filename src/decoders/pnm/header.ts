import { createDamagedError, createUnreadError } from '../errors.js'

/** Header of a PNM file. (Netpbm manual: pbm, pgm, ppm, pam) */
export interface PnmHeader {
  readonly width: number
  readonly height: number
  /** Samples of a pixel: grey or RGB, and perhaps alpha. */
  readonly channels: 1 | 2 | 3 | 4
  /** Value of full light, 1 to 65535. */
  readonly max: number
  readonly coding: 'text' | 'bytes' | 'bits'
  /** True if 1 is black, as in P1 and P4. */
  readonly isInverted: boolean
  /** Position of the first sample. */
  readonly dataAt: number
}

const MAX_VALUE = 65_535
/** A header with its comments. */
const HEADER_BYTES = 64 * 1024

/** Kinds by the digit behind the P: samples of a pixel and coding. */
const KINDS: Readonly<Record<string, Pick<PnmHeader, 'channels' | 'coding' | 'isInverted'>>> = {
  1: { channels: 1, coding: 'text', isInverted: true },
  2: { channels: 1, coding: 'text', isInverted: false },
  3: { channels: 3, coding: 'text', isInverted: false },
  4: { channels: 1, coding: 'bits', isInverted: true },
  5: { channels: 1, coding: 'bytes', isInverted: false },
  6: { channels: 3, coding: 'bytes', isInverted: false },
}

/** Spaces and comments, then a number. */
const NUMBER = /(?:\s|#[^\n\r]*[\n\r])+(\d{1,10})(?=[\s#])/y

/** Returns true for a file that begins like a PNM: P1 to P6 and a number, or P7 and a line. */
export function isPnm(bytes: Uint8Array): boolean {
  return /^P(?:[1-6](?:\s|#[^\n\r]*[\n\r])+\d|7(?: \d+)?\n)/.test(latin1(bytes, HEADER_BYTES))
}

/** Reads the header. Throws CORRUPT_IMAGE and UNSUPPORTED_FORMAT. */
export function readPnmHeader(bytes: Uint8Array): PnmHeader {
  const head = latin1(bytes, HEADER_BYTES)
  return head[1] === '7' ? readPam(head) : readPlain(head)
}

function readPlain(head: string): PnmHeader {
  const digit = head[1] ?? ''
  const kind = KINDS[digit]!
  NUMBER.lastIndex = 2
  const read = (what: string) => {
    const value = NUMBER.exec(head)?.[1]
    if (value === undefined) throw createDamagedError(`its header tells no ${what}`)
    return Number(value)
  }
  const [width, height] = [read('width'), read('height')]
  const max = kind.isInverted ? 1 : read('greatest value')
  // One space ends the header.
  const dataAt = NUMBER.lastIndex + 1
  return check({ ...kind, width, height, max, dataAt })
}

/** Samples of a pixel by tuple type. */
const TUPLES: Readonly<Record<string, PnmHeader['channels']>> = {
  BLACKANDWHITE: 1,
  GRAYSCALE: 1,
  RGB: 3,
  BLACKANDWHITE_ALPHA: 2,
  GRAYSCALE_ALPHA: 2,
  RGB_ALPHA: 4,
}

function readPam(head: string): PnmHeader {
  if (/^P7 \d/.test(head)) throw createUnreadError('file', 'the format of XV thumbnails')
  const end = /^ENDHDR\s*?\n/m.exec(head)
  if (end === null) throw createDamagedError('its header has no end (ENDHDR)')
  const fields = new Map<string, string>()
  for (const line of head.slice(3, end.index).split('\n')) {
    const [, name, value] = /^\s*([A-Z]+)\s+(.*?)\s*$/.exec(line) ?? []
    if (name !== undefined && value !== undefined)
      fields.set(name, name === 'TUPLTYPE' && fields.has(name) ? `${fields.get(name)} ${value}` : value)
  }
  const number = (name: string) => {
    const text = fields.get(name) ?? ''
    if (!/^\d{1,10}$/.test(text)) throw createDamagedError(`its header tells no ${name}`)
    return Number(text)
  }
  const [width, height, depth, max] = ['WIDTH', 'HEIGHT', 'DEPTH', 'MAXVAL'].map(number)
  const tuple = fields.get('TUPLTYPE') ?? ''
  // Without a type, the number of samples tells it.
  const channels = tuple === '' ? ([1, 2, 3, 4] as const).find((count) => count === depth) : TUPLES[tuple]
  if (channels === undefined)
    throw createUnreadError('PAM', `${depth} samples a pixel of the type "${tuple}"`)
  if (channels !== depth) throw createDamagedError(`its header says ${depth} samples a pixel, but ${tuple}`)
  const dataAt = end.index + end[0].length
  return check({
    width: width!,
    height: height!,
    max: max!,
    channels,
    coding: 'bytes',
    isInverted: false,
    dataAt,
  })
}

function check(header: PnmHeader): PnmHeader {
  const { width, height, max } = header
  if (width === 0 || height === 0) throw createDamagedError(`its header says ${width}x${height} pixels`)
  if (max === 0 || max > MAX_VALUE)
    throw createDamagedError(
      `its header says ${max} as its greatest value, which has to be 1 to ${MAX_VALUE}`,
    )
  return header
}

function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(length, bytes.byteLength)).toString('latin1')
}
