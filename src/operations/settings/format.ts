import { z } from 'zod'
import { defineSetting } from '../define-operation.js'
import { number, whole } from '../parameters.js'

const fraction = number(0, 1)
const quality = whole(1, 100)
const qualityOrAuto = z.union([quality, z.literal('auto')], {
  error: 'a whole number from 1 to 100, or auto',
})
const similarity = number(0.5, 1)
  .optional()
  .describe("What `quality: 'auto'` keeps, as SSIM of 1 at most; 0.998 unless given.")
const subsampling = z.enum(['4:2:0', '4:4:4'])

const BYTES = 'bytes, such as 100000 or 100KB'
const maxBytes = z
  .union([z.int().min(1), z.string().regex(/^\d+(?:\.\d+)?\s?(?:[kmg]i?)?b$/i)], { error: BYTES })
  .optional()
  .describe('The most bytes: the highest quality that fits is taken, up to `quality` where that is given.')
const neverGrow = z
  .boolean()
  .optional()
  .describe('Where nothing but the encoding would change, and would make it larger, the source is kept.')

function describeQuality(fallback: number): string {
  return `1 to 100; ${fallback} unless given; \`auto\` is the lowest from 30 to 95 that keeps \`similarity\`.`
}

const jpeg = z.strictObject({
  type: z.literal('jpeg'),
  maxBytes,
  neverGrow,
  quality: qualityOrAuto.optional().describe(describeQuality(80)),
  similarity,
  progressive: z.boolean().optional().describe('Progressive scans.'),
  chromaSubsampling: subsampling.optional().describe('`4:4:4` keeps colour at full resolution.'),
  mozjpeg: z.boolean().optional().describe("mozjpeg's defaults: smaller, slower."),
  optimiseCoding: z.boolean().optional().describe('Optimal Huffman tables; on unless set to false.'),
  trellisQuantisation: z.boolean().optional().describe('Trellis quantisation.'),
  overshootDeringing: z.boolean().optional().describe('Overshoot deringing.'),
  optimiseScans: z.boolean().optional().describe('Optimal progressive scans.'),
  quantisationTable: whole(0, 8).optional().describe('Quantisation table, 0 to 8.'),
})

const png = z.strictObject({
  type: z.literal('png'),
  neverGrow,
  compressionLevel: whole(0, 9).optional().describe('zlib level; 6 unless given.'),
  adaptiveFiltering: z.boolean().optional().describe('Adaptive row filters.'),
  progressive: z.boolean().optional().describe('Interlaced.'),
  palette: z.boolean().optional().describe('Reduce to a palette, with alpha.'),
  quality: quality.optional().describe('The fewest colours that reach this quality; sets palette.'),
  effort: whole(1, 10).optional().describe('CPU effort; sets palette.'),
  colours: whole(2, 256).optional().describe('The most palette entries; sets palette.'),
  dither: fraction.optional().describe('Floyd-Steinberg error diffusion; sets palette.'),
})

const webp = z.strictObject({
  type: z.literal('webp'),
  maxBytes,
  neverGrow,
  quality: qualityOrAuto.optional().describe(describeQuality(80)),
  similarity,
  alphaQuality: whole(0, 100).optional().describe('Quality of the alpha channel; 100 unless given.'),
  lossless: z.boolean().optional().describe('Lossless compression.'),
  nearLossless: z.boolean().optional().describe('Near-lossless compression.'),
  smartSubsample: z.boolean().optional().describe('Sharper chroma subsampling.'),
  smartDeblock: z.boolean().optional().describe('Tuned deblocking; slow.'),
  preset: z
    .enum(['default', 'photo', 'picture', 'drawing', 'icon', 'text'])
    .optional()
    .describe('Kind of picture.'),
  effort: whole(0, 6).optional().describe('CPU effort; 4 unless given.'),
  minSize: z.boolean().optional().describe('Smallest animation; slow.'),
  exact: z.boolean().optional().describe('Keep the colour of transparent pixels.'),
  mixed: z.boolean().optional().describe('Lossy and lossless frames in one animation.'),
})

const avif = z.strictObject({
  type: z.literal('avif'),
  maxBytes,
  neverGrow,
  quality: qualityOrAuto.optional().describe(describeQuality(50)),
  similarity,
  lossless: z.boolean().optional().describe('Lossless compression.'),
  effort: whole(0, 9).optional().describe('CPU effort; 4 unless given.'),
  chromaSubsampling: subsampling
    .optional()
    .describe('`4:2:0` halves the resolution of colour; `4:4:4` unless given.'),
  bitdepth: z
    .union([z.literal(8), z.literal(10), z.literal(12)], { error: '8, 10 or 12' })
    .optional()
    .describe('Bits a channel; 8 unless given.'),
  tune: z
    .enum(['auto', 'iq', 'psnr', 'ssim'])
    .optional()
    .describe('The metric that the encoder is tuned for; `auto` unless given.'),
})

const gif = z.strictObject({
  type: z.literal('gif'),
  neverGrow,
  colours: whole(2, 256).optional().describe('The most palette entries, transparency among them.'),
  effort: whole(1, 10).optional().describe('CPU effort; 7 unless given.'),
  dither: fraction.optional().describe('Floyd-Steinberg error diffusion; 1 unless given.'),
  reuse: z.boolean().optional().describe('Reuse the palette of the input.'),
  progressive: z.boolean().optional().describe('Interlaced.'),
  interFrameMaxError: whole(0, 32)
    .optional()
    .describe('Largest difference between frames that becomes transparent.'),
  interPaletteMaxError: whole(0, 256)
    .optional()
    .describe('Largest difference between palettes that are shared.'),
})

const tiff = z.strictObject({
  type: z.literal('tiff'),
  neverGrow,
  quality: quality.optional().describe('1 to 100, for JPEG and WebP compression; 80 unless given.'),
  // Neither zstd, which sharp's libvips lacks, nor ccittfax4, which takes one bit a pixel.
  compression: z
    .enum(['none', 'jpeg', 'deflate', 'packbits', 'lzw', 'webp'])
    .optional()
    .describe('`jpeg` unless given, `deflate` where that would lose depth or alpha.'),
  predictor: z
    .enum(['none', 'horizontal', 'float'])
    .optional()
    .describe('Predictor for lossless compression.'),
  pyramid: z.boolean().optional().describe('An image pyramid.'),
  tile: z.boolean().optional().describe('Tiled.'),
})

const CANDIDATES = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const

const auto = z
  .strictObject({
    type: z.literal('auto'),
    among: z
      .array(z.enum(CANDIDATES))
      .min(1)
      .optional()
      .describe('Formats to choose from; all but those that need not apply unless given.'),
    maxBytes,
    neverGrow,
    // A number would mean something else to each encoder.
    quality: z
      .literal('auto', { error: 'auto, since a number means something else to each encoder' })
      .optional()
      .describe("Each encoder's default; `auto` is the lowest that keeps `similarity`."),
    similarity,
  })
  .describe('The smallest of some formats, settled for each picture.')

const FORMATS = [jpeg, png, webp, avif, gif, tiff, auto] as const
export const format = defineSetting({
  name: 'format',
  summary: "The output's format, with exactly that encoder's options; auto is the smallest for the picture.",
  params: z.discriminatedUnion('type', FORMATS).refine(hasUseForSimilarity, {
    path: ['similarity'],
    error: "nothing: it is what quality: 'auto' keeps, and goes with that alone",
  }),
  shorthand: {
    schema: z.enum(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff', 'auto']),
    read: (type) => ({ type }),
  },
  example: 'webp:quality=80',
})

function hasUseForSimilarity(format: object): boolean {
  const { similarity, quality }: { similarity?: number | undefined; quality?: unknown } = format
  return similarity === undefined || quality === 'auto'
}

/** What `format` says, with every option of its encoder. */
export type Format = z.output<typeof format.params>
/** A format that has an encoder: any but `auto`. */
export type EncodedFormat = Exclude<Format, { type: 'auto' }>
export type FormatType = EncodedFormat['type']
/** What an encoder is told: nothing is left open. */
export type Encoding = WithoutAuto<EncodedFormat>
type WithoutAuto<F> = F extends unknown ? { [K in keyof F]: Exclude<F[K], 'auto'> } : never

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
}

/** A size in bytes, as `maxBytes` spells it. */
export function toBytes(size: number | string): number {
  if (typeof size === 'number') return size
  const [, digits = '', unit = ''] = /^([\d.]+)\s?((?:[kmg]i?)?)b$/i.exec(size) ?? []
  return Math.floor(Number(digits) * (UNITS[unit.toLowerCase()] ?? 1))
}
