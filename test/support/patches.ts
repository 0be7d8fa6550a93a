import sharp from 'sharp'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import {
  ADOBE_RGB,
  DISPLAY_P3,
  makeCmykProfile,
  makeGreyProfile,
  makeRgbProfile,
  PROPHOTO,
  SRGB,
  SRGB_CURVE,
  type Profile,
} from './profiles.js'
import { makeTiff } from './tiff.js'

export const RGB: [name: string, profile: Profile][] = [
  ['Display P3', makeRgbProfile(DISPLAY_P3, SRGB_CURVE)],
  ['Adobe RGB', makeRgbProfile(ADOBE_RGB, 563 / 256)],
  ['ProPhoto', makeRgbProfile(PROPHOTO, 1.8)],
  ['linear sRGB', makeRgbProfile(SRGB, 1)],
]
export const GREY: [name: string, profile: Profile][] = [
  ['a gamma of 2.2', makeGreyProfile(2.2)],
  ['dot gain', makeGreyProfile(Array.from({ length: 256 }, (_, at) => dotGain(at / 255)))],
]
export const CMYK = makeCmykProfile()

/** Models dot gain: middle tones print darker. */
function dotGain(value: number): number {
  return 0.1 * value + 0.9 * value ** 1.75
}

/** Greys, mixtures, and the corners of sRGB, as patches in row order. */
const COLOURS = [
  [
    [0, 0, 0],
    [20, 20, 20],
    [128, 128, 128],
    [255, 255, 255],
  ],
  [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 0],
  ],
  [
    [200, 80, 40],
    [60, 120, 30],
    [10, 40, 90],
    [180, 20, 160],
  ],
  [
    [240, 200, 180],
    [90, 60, 10],
    [0, 200, 200],
    [230, 230, 240],
  ],
].flat()
const PATCH = 24
export const SIZE = 4 * PATCH

/** `full gamut`: the colours are numbers in the profile's own space, which may be far outside sRGB. */
export type ColourRange = 'within sRGB' | 'full gamut'

/** Creates a TIFF of sixteen flat patches, with the samples in the profile's space and the profile attached. */
export function makePatches(profile: Profile, depth: 8 | 16, range: ColourRange = 'within sRGB'): Buffer {
  const { channels, icc } = profile
  const top = 2 ** depth - 1
  const values = COLOURS.map((colour) =>
    range === 'full gamut' && channels === 3 ? colour.map((value) => value / 255) : profile.fromSrgb(colour),
  )
  const data = new (depth === 16 ? Uint16Array : Uint8Array)(SIZE * SIZE * channels)
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / channels)
    const patch = 4 * Math.floor(pixel / SIZE / PATCH) + Math.floor((pixel % SIZE) / PATCH)
    data[at] = Math.round(Math.min(1, Math.max(0, values[patch]![at % channels]!)) * top)
  }
  return makeTiff({ width: SIZE, height: SIZE, channels, data }, icc)
}

type FileType = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff'
const ENCODED = {
  jpeg: { quality: 100, chromaSubsampling: '4:4:4' },
  png: {},
  webp: { lossless: true },
  tiff: { compression: 'deflate' },
} as const

/** Converts to another format with the same samples and profile. */
export async function toFile(tiff: Buffer, type: FileType): Promise<Buffer> {
  if (type === 'tiff') return tiff
  const { space, depth } = await sharp(tiff).metadata()
  const image = sharp(tiff).keepIccProfile()
  if (space === 'cmyk')
    return image.pipelineColourspace('cmyk').toColourspace('cmyk')[type](ENCODED.jpeg).toBuffer()
  const deep = depth === 'ushort'
  const avif = deep ? ({ bitdepth: 12, quality: 95, effort: 0 } as const) : { lossless: true, effort: 0 }
  const options = type === 'avif' ? avif : ENCODED[type]
  return image.toColourspace(space).toFormat(type, options).toBuffer()
}

interface Numbers {
  /** Samples from 0 to 1 in the middle of each patch. */
  readonly patches: readonly (readonly number[])[]
  readonly icc: Buffer | undefined
  readonly depth: number
}

/** Returns the samples of the patches, without applying a profile. */
export async function numbersOf(bytes: Buffer): Promise<Numbers> {
  const { space, depth, icc } = await sharp(bytes).metadata()
  const deep = depth === 'ushort'
  const own = sharp(bytes).keepIccProfile()
  const { data, info } = await (space === 'cmyk' ? own.pipelineColourspace('cmyk') : own)
    .toColourspace(space)
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const values = deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
  const patches = COLOURS.map((_, index) => {
    const [x, y] = [index % 4, Math.floor(index / 4)].map((place) =>
      Math.floor(((place + 0.5) * info.width) / 4),
    )
    const start = (y! * info.width + x!) * info.channels
    return Array.from(values.subarray(start, start + info.channels), (value) => value / (deep ? 65535 : 255))
  })
  return { patches, icc, depth: deep ? 16 : 8 }
}

const onePass: ImageOp[] = [{ thumbnail: 48 }]
const manyPasses: ImageOp[] = [{ blur: 1 }, { thumbnail: 48 }, { rotate: 180 }, { blur: 1 }, { rotate: 180 }]
export const passes: [name: string, ops: ImageOp[]][] = [
  ['no operation', []],
  ['one pass', onePass],
  ['several passes', manyPasses],
]

export const shallow: FileType[] = ['jpeg', 'png', 'webp', 'avif', 'tiff']
export const deep: FileType[] = ['png', 'avif', 'tiff']
