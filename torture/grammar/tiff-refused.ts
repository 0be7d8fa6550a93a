import type { TiffCase } from './tiff-case.js'
import { writeTiffFile, type TiffSpec } from './tiff-file.js'

const RGB: TiffSpec = {
  width: 40,
  height: 20,
  photometric: 2,
  bits: 8,
  channels: 3,
  pixel: () => [200, 100, 50],
}
const GREY: TiffSpec = { ...RGB, photometric: 1, channels: 1 }

/** Compressions that the libtiff of sharp lacks: their numbers, and words for them. */
const COMPRESSIONS: readonly (readonly [number: number, name: RegExp])[] = [
  [6, /old-style JPEG compression/],
  [9, /JBIG \(T\.85\) compression/],
  [10, /JBIG \(T\.43\) compression/],
  [32909, /PixarLog compression/],
  [33003, /JPEG 2000 compression/],
  [33005, /JPEG 2000 compression/],
  [34661, /JBIG compression/],
  [34712, /JPEG 2000 compression/],
  [34887, /LERC compression/],
  [34925, /LZMA compression/],
  [34926, /ZSTD compression/],
  [34927, /WebP compression/],
  [50000, /ZSTD compression/],
  [50002, /JPEG XL compression/],
  [52546, /JPEG XL compression/],
  [65000, /number 65000 compression/],
]

const OTHERS: readonly (readonly [name: string, spec: TiffSpec, reason: RegExp])[] = [
  ...[8, 16, 32, 64].map(
    (bits) => [`signed${bits}`, { ...GREY, bits, format: 2 }, RegExp(`${bits}-bit signed samples`)] as const,
  ),
  ...[8, 16].map(
    (bits) =>
      [`rgbSigned${bits}`, { ...RGB, bits, format: 2 }, RegExp(`${bits}-bit signed samples`)] as const,
  ),
  ...[32, 64].map(
    (bits) =>
      [`complexInteger${bits}`, { ...GREY, bits, format: 5 }, RegExp(`${bits}-bit complex samples`)] as const,
  ),
  ...[64, 128].map(
    (bits) =>
      [`complexFloat${bits}`, { ...GREY, bits, format: 6 }, RegExp(`${bits}-bit complex samples`)] as const,
  ),
  ['48bits', { ...GREY, bits: 48 }, /48-bit unsigned samples/],
  ['8float', { ...GREY, bits: 8, format: 3, pixel: () => [0] }, /8-bit float samples/],
  ['measurements', { ...GREY, bits: 32, format: 3, pixel: (x, y) => [300 + x * y] }, /outside of 0 to 1/],
  ['transparencyMask', { ...GREY, photometric: 4, bits: 1 }, /transparency mask/],
  ['cfa', { ...GREY, photometric: 32803, bits: 16 }, /raw sensor data/],
  ['linearRaw', { ...RGB, photometric: 34892, bits: 16 }, /raw sensor data/],
  ['ituLab', { ...RGB, photometric: 10 }, /ITU Lab/],
  ['logL', { ...GREY, photometric: 32844, bits: 16, format: 2 }, /LogL/],
  ['logLuv', { ...RGB, photometric: 32845, bits: 16, format: 2 }, /LogLuv/],
  ['unknownPhotometric', { ...GREY, photometric: 999 }, /colour model 999/],
  ['inks', { ...RGB, photometric: 5, channels: 4, tags: [[332, 3, [2]]] }, /inks other than CMYK/],
  ['sixInks', { ...RGB, photometric: 5, channels: 6, tags: [[332, 3, [2]]] }, /inks other than CMYK/],
  ['threeInks', { ...RGB, photometric: 5 }, /inks other than CMYK/],
  ['labFloat', { ...RGB, photometric: 8, bits: 32, format: 3 }, /Lab of 32-bit float/],
  ['yCbCr12', { ...RGB, photometric: 6, bits: 12, subsampling: [1, 1] }, /YCbCr of 12-bit/],
  ['yCbCrPlanar', { ...RGB, photometric: 6, isPlanar: true, subsampling: [2, 2] }, /planes of their own/],
  ['predictor12', { ...RGB, bits: 12, compression: 5, predictor: 2 }, /predictor 2 on 12-bit/],
  [
    'jpeg5',
    { ...RGB, channels: 5, extra: [0, 0], compression: 7 },
    /JPEG compression of 5 channels with 8 bits/,
  ],
  ['jpeg12', { ...GREY, bits: 12, compression: 7 }, /JPEG compression of 1 channel with 12 bits/],
]

/** Generates sound TIFFs that can't be read. Blocks of an unknown compression hold anything. */
export function* refusedTiffs(): Generator<TiffCase> {
  for (const [compression, reason] of COMPRESSIONS)
    for (const layout of [{}, { tile: 16 }, { isBigTiff: true, tile: 16 }, { isBigEndian: true }])
      for (const base of [GREY, RGB])
        yield refusedCase(
          `compression${compression}-${base === GREY ? 'grey' : 'rgb'}-${Object.keys(layout).join('-')}`,
          { ...base, ...layout, compression },
          reason,
        )
  for (const [name, spec, reason] of OTHERS)
    for (const tile of [undefined, 16])
      yield refusedCase(
        `${name}-${tile ? 'tiles' : 'strips'}`,
        { ...spec, ...(tile !== undefined && { tile }) },
        reason,
      )
}

function refusedCase(name: string, spec: TiffSpec, refused: RegExp): TiffCase {
  return { name, extension: 'tif', bytes: writeTiffFile(spec), expected: { refused } }
}
