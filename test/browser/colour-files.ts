import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { makeChunk } from '../../src/metadata/png/chunks.js'
import {
  ADOBE_RGB,
  BT2020,
  DISPLAY_P3,
  makeGreyProfile,
  makeRgbProfile,
  PROPHOTO,
  SRGB,
  SRGB_CURVE,
  type Primaries,
} from '../support/profiles.js'
import { makeTiff } from '../support/tiff.js'
import { makeUltraHdr } from '../support/ultra-hdr.js'

/** A file whose colours are announced in some way. */
export interface ColourFile {
  readonly name: string
  readonly mime: string
  /** True if the numbers of the patches are rounded to YCbCr, which saturated colours magnify. */
  readonly isRounded: boolean
  /**
   * Codes of a PNG with the same numbers, with which the browser is compared instead. libyuv, with which Chromium decodes AVIF,
   * multiplies blue by 2 instead of 2.11 or 2.14 for the matrices 1 and 9 in limited range.
   */
  readonly sameAsPng?: readonly [primaries: number, transfer: number] | undefined
  readonly make: () => Promise<Buffer>
}

/** Sides of a patch, and the number of patches in a row. */
export const PATCH = 16
export const COLUMNS = 8
const LEVELS = [0, 64, 128, 200, 255]
const GREYS = [8, 24, 48, 96, 160, 230]

/** Colours of the patches: greys, and all mixtures of five levels. */
const COLOURS: readonly (readonly number[])[] = [
  ...GREYS.map((value) => [value, value, value]),
  ...LEVELS.flatMap((red) => LEVELS.flatMap((green) => LEVELS.map((blue) => [red, green, blue]))),
]
export const PATCHES = COLOURS.length

/** Returns true for a patch of grey, or of a pale colour: a rounding of its numbers stays small in sRGB. */
export function isModerate(patch: number): boolean {
  const colour = COLOURS[patch] ?? []
  const [darkest, brightest] = [Math.min(...colour), Math.max(...colour)]
  return patch < GREYS.length || (darkest >= 64 && brightest - darkest <= 64)
}

const WIDTH = COLUMNS * PATCH
const HEIGHT = Math.ceil(PATCHES / COLUMNS) * PATCH

/** Returns the pixels of the patches. */
function drawPatches(isGrey: boolean): Buffer {
  const channels = isGrey ? 1 : 3
  const pixels = Buffer.alloc(WIDTH * HEIGHT * channels)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const index = Math.floor(y / PATCH) * COLUMNS + Math.floor(x / PATCH)
      const [red = 0, green = 0, blue = 0] = COLOURS[index] ?? []
      const value = isGrey ? [index % 256] : [red, green, blue]
      pixels.set(value, (y * WIDTH + x) * channels)
    }
  return pixels
}

function patches(isGrey = false) {
  const channels = isGrey ? 1 : 3
  const image = sharp(drawPatches(isGrey), { raw: { width: WIDTH, height: HEIGHT, channels } })
  return image.toColourspace(isGrey ? 'b-w' : 'srgb')
}

/** Returns a PNG with chunks behind its header. */
async function png(chunks: readonly Buffer[], isGrey = false): Promise<Buffer> {
  const plain = await patches(isGrey).png().toBuffer()
  return Buffer.concat([plain.subarray(0, 33), ...chunks, plain.subarray(33)])
}

/** Returns a PNG of 16 bits a channel. */
async function deepPng(chunks: readonly Buffer[]): Promise<Buffer> {
  const plain = await patches().toColourspace('rgb16').png().toBuffer()
  return Buffer.concat([plain.subarray(0, 33), ...chunks, plain.subarray(33)])
}

function numbers(...values: readonly number[]): Buffer {
  const data = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) data.writeUInt32BE(Math.round(value * 100_000), index * 4)
  return data
}

const gama = (exponent: number) => makeChunk('gAMA', numbers(exponent))
const chrm = ({ white, red, green, blue }: Primaries) =>
  makeChunk('cHRM', numbers(...white, ...red, ...green, ...blue))
const cicp = (primaries: number, transfer: number) =>
  makeChunk('cICP', Buffer.from([primaries, transfer, 0, 1]))

const run = promisify(execFile)

/** True if avifenc is there. (Debian: libavif-bin) */
const hasAvifenc = findAvifenc()

function findAvifenc(): boolean {
  try {
    execFileSync('avifenc', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Returns an AVIF without loss but for the rounding to YCbCr. */
async function avif(codes: string, ...options: readonly string[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'imgproc-colours-'))
  try {
    const [source, target] = [join(folder, 'a.png'), join(folder, 'a.avif')]
    await writeFile(source, await patches().png().toBuffer())
    const quality = ['--min', '0', '--max', '0', '-s', '8', '-y', '444']
    await run('avifenc', [...quality, '--cicp', codes, ...options, source, target])
    return await readFile(target)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Returns a file with an ICC profile, whose numbers are those of the patches. */
function withProfile(icc: Buffer, format: 'jpeg' | 'png' | 'webp' | 'avif', isGrey = false) {
  return async (): Promise<Buffer> => {
    const folder = await mkdtemp(join(tmpdir(), 'imgproc-colours-'))
    try {
      // sharp converts pixels to a profile that it attaches, unless they come from a file that has it.
      const tagged = join(folder, 'a.tiff')
      await writeFile(tagged, tiffWith(icc, isGrey))
      const image = sharp(tagged).keepIccProfile()
      const grey = isGrey ? image.toColourspace('b-w') : image
      switch (format) {
        case 'jpeg':
          return await grey.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
        case 'png':
          return await grey.png().toBuffer()
        case 'webp':
          return await grey.webp({ lossless: true }).toBuffer()
        case 'avif':
          return await grey.avif({ lossless: true, chromaSubsampling: '4:4:4' }).toBuffer()
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  }
}

function tiffWith(icc: Buffer, isGrey: boolean): Buffer {
  return makeTiff(
    { width: WIDTH, height: HEIGHT, channels: isGrey ? 1 : 3, data: new Uint8Array(drawPatches(isGrey)) },
    icc,
  )
}

async function ultraHdr(icc?: Buffer): Promise<Buffer> {
  const base =
    icc === undefined
      ? await patches().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
      : await withProfile(icc, 'jpeg')()
  const map = await sharp({
    create: { width: WIDTH / 4, height: HEIGHT / 4, channels: 3, background: '#808080' },
  })
    .toColourspace('b-w')
    .jpeg()
    .toBuffer()
  return makeUltraHdr(base, map)
}

type Row = readonly [
  name: string,
  make: () => Promise<Buffer>,
  sameAsPng?: readonly [primaries: number, transfer: number],
]

const GAMMA_24 = makeRgbProfile(SRGB, 2.4).icc
const P3 = makeRgbProfile(DISPLAY_P3, SRGB_CURVE).icc
const ADOBE = makeRgbProfile(ADOBE_RGB, 563 / 256).icc

const PNGS: readonly Row[] = [
  ['PNG, nothing', () => png([])],
  ['PNG, gAMA 1', () => png([gama(1)])],
  ['PNG, gAMA 0.45455', () => png([gama(0.45455)])],
  ['PNG, gAMA 0.55556', () => png([gama(0.55556)])],
  ['PNG, gAMA 0.41667', () => png([gama(0.41667)])],
  ['PNG, gAMA 0.3', () => png([gama(0.3)])],
  ['PNG, grey, gAMA 0.55556', () => png([gama(0.55556)], true)],
  ['PNG, grey, gAMA 1', () => png([gama(1)], true)],
  ['PNG, gAMA 0.45455, cHRM of Adobe RGB', () => png([gama(0.45455), chrm(ADOBE_RGB)])],
  ['PNG, gAMA 0.45455, cHRM of P3', () => png([gama(0.45455), chrm(DISPLAY_P3)])],
  ['PNG, gAMA 0.45455, cHRM of BT.2020', () => png([gama(0.45455), chrm(BT2020)])],
  ['PNG, gAMA 0.55556, cHRM of ProPhoto', () => png([gama(0.55556), chrm(PROPHOTO)])],
  ['PNG, gAMA 1, cHRM of P3', () => png([gama(1), chrm(DISPLAY_P3)])],
  ['PNG, cHRM of P3, no gAMA', () => png([chrm(DISPLAY_P3)])],
  ['PNG, cICP 1/13 (sRGB)', () => png([cicp(1, 13)])],
  ['PNG, cICP 12/13 (Display P3)', () => png([cicp(12, 13)])],
  ['PNG, 16 bits, cICP 12/13', () => deepPng([cicp(12, 13)])],
  ['PNG, cICP 11/17 (DCI-P3)', () => png([cicp(11, 17)])],
  ['PNG, cICP 9/1 (BT.2020)', () => png([cicp(9, 1)])],
  ['PNG, cICP 9/14 (BT.2020)', () => png([cicp(9, 14)])],
  ['PNG, cICP 1/1 (BT.709)', () => png([cicp(1, 1)])],
  ['PNG, cICP 1/4 (gamma 2.2)', () => png([cicp(1, 4)])],
  ['PNG, cICP 1/8 (linear)', () => png([cicp(1, 8)])],
  ['PNG, cICP 12/13 over gAMA 1', () => png([cicp(12, 13), gama(1)])],
  ['PNG, cICP 9/16 (PQ)', () => png([cicp(9, 16)])],
  ['PNG, cICP 12/16 (PQ, P3)', () => png([cicp(12, 16)])],
  ['PNG, cICP 9/18 (HLG)', () => png([cicp(9, 18)])],
]
const PROFILES: readonly Row[] = [
  ['JPEG, ICC of P3', withProfile(P3, 'jpeg')],
  ['PNG, ICC of P3', withProfile(P3, 'png')],
  ['WebP, ICC of P3', withProfile(P3, 'webp')],
  ['AVIF, ICC of P3', withProfile(P3, 'avif')],
  ['JPEG, ICC of Adobe RGB', withProfile(ADOBE, 'jpeg')],
  ['PNG, ICC of Adobe RGB', withProfile(ADOBE, 'png')],
  ['WebP, ICC of Adobe RGB', withProfile(ADOBE, 'webp')],
  ['PNG, ICC of BT.2020', withProfile(makeRgbProfile(BT2020, 2.4).icc, 'png')],
  ['PNG, ICC of ProPhoto', withProfile(makeRgbProfile(PROPHOTO, 1.8).icc, 'png')],
  ['JPEG, ICC of a gamma of 2.4', withProfile(GAMMA_24, 'jpeg')],
  ['PNG, grey, ICC of a gamma of 1.8', withProfile(makeGreyProfile(1.8).icc, 'png', true)],
  ['JPEG, grey, ICC of a gamma of 2.2', withProfile(makeGreyProfile(2.2).icc, 'jpeg', true)],
  ['JPEG with a gain map', () => ultraHdr()],
  ['JPEG with a gain map, ICC of P3', () => ultraHdr(P3)],
]
const AVIFS: readonly Row[] = [
  ['AVIF, nclx 1/13/6', () => avif('1/13/6')],
  ['AVIF, nclx 1/13/6, limited', () => avif('1/13/6', '-r', 'limited')],
  ['AVIF, nclx 1/13/5, limited', () => avif('1/13/5', '-r', 'limited')],
  ['AVIF, nclx 1/13/1, limited', () => avif('1/13/1', '-r', 'limited'), [1, 13]],
  ['AVIF, nclx 1/13/0', () => avif('1/13/0')],
  ['AVIF, nclx 1/1/1 (BT.709), limited', () => avif('1/1/1', '-r', 'limited'), [1, 13]],
  ['AVIF, nclx 5/6/5 (BT.601, PAL), limited', () => avif('5/6/5', '-r', 'limited')],
  ['AVIF, nclx 6/6/6 (BT.601, NTSC), limited', () => avif('6/6/6', '-r', 'limited')],
  ['AVIF, nclx 12/13/6 (Display P3)', () => avif('12/13/6')],
  ['AVIF, nclx 12/13/1 (Display P3), limited', () => avif('12/13/1', '-r', 'limited'), [12, 13]],
  ['AVIF, 10 bits, nclx 12/13/6', () => avif('12/13/6', '-d', '10')],
  ['AVIF, 10 bits, nclx 9/1/9 (BT.2020), limited', () => avif('9/1/9', '-d', '10', '-r', 'limited'), [9, 13]],
  ['AVIF, 12 bits, nclx 9/14/9 (BT.2020)', () => avif('9/14/9', '-d', '12')],
  ['AVIF, nclx 1/4/1 (gamma 2.2)', () => avif('1/4/1')],
  ['AVIF, nclx 1/8/1 (linear)', () => avif('1/8/1')],
  ['AVIF, 10 bits, nclx 9/16/9 (PQ)', () => avif('9/16/9', '-d', '10')],
  ['AVIF, 10 bits, nclx 9/16/9 (PQ), limited', () => avif('9/16/9', '-d', '10', '-r', 'limited')],
  ['AVIF, 10 bits, nclx 9/18/9 (HLG)', () => avif('9/18/9', '-d', '10')],
]

/** Returns a PNG with the numbers of the patches, and codes. */
export function pngOf([primaries, transfer]: readonly [
  primaries: number,
  transfer: number,
]): Promise<Buffer> {
  return png([cicp(primaries, transfer)])
}

/** All files that can be made here. */
export const COLOUR_FILES: readonly ColourFile[] = [...PNGS, ...PROFILES, ...(hasAvifenc ? AVIFS : [])].map(
  ([name, make, sameAsPng]) => ({
    name,
    make,
    sameAsPng,
    mime: `image/${/^\w+/.exec(name)?.[0]?.toLowerCase() ?? ''}`,
    isRounded: name.startsWith('AVIF') && name.includes('nclx') && !name.includes('/0'),
  }),
)
