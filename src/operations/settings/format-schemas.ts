import { z } from 'zod'
import { once } from '../../utils/once.js'
import { number, whole } from '../parameters.js'

const fraction = once(() => number(0, 1))
const quality = once(() => whole(1, 100))
const qualityOrAuto = once(() =>
  z.union([quality(), z.literal('auto')], {
    error: 'a whole number from 1 to 100, or auto',
  }),
)
const similarity = once(() =>
  number(0.5, 1)
    .optional()
    .describe("Lowest SSIM that `quality: 'auto'` accepts, 0.5 to 1; 0.998 by default."),
)
const subsampling = once(() => z.enum(['4:2:0', '4:4:4']))

const BYTES = 'bytes, such as 100000 or 100KB'
const maxBytes = once(() =>
  z
    .union([z.int().min(1), z.string().regex(/^\d+(?:\.\d+)?\s?(?:[kmg]i?)?b$/i, { error: BYTES })], {
      error: BYTES,
    })
    .optional()
    .describe(
      'Maximum bytes of the output; the highest quality that fits is used, at most `quality` if given.',
    ),
)
const neverGrow = once(() =>
  z
    .boolean()
    .optional()
    .describe('Keeps the source file if only its encoding would change and it would become larger.'),
)

function describeQuality(fallback: number): string {
  return `1 to 100, ${fallback} by default; \`auto\` finds the lowest from 30 to 95 that reaches \`similarity\`.`
}

const jpeg = once(() =>
  z.strictObject({
    type: z.literal('jpeg'),
    maxBytes: maxBytes(),
    neverGrow: neverGrow(),
    quality: qualityOrAuto().optional().describe(describeQuality(80)),
    similarity: similarity(),
    progressive: z.boolean().optional().describe('Writes progressive scans.'),
    chromaSubsampling: subsampling()
      .optional()
      .describe('`4:2:0` by default; `4:4:4` keeps colour at full resolution.'),
    mozjpeg: z.boolean().optional().describe("Uses mozjpeg's defaults: smaller, slower."),
    optimiseCoding: z.boolean().optional().describe('Optimises Huffman tables; `true` by default.'),
    trellisQuantisation: z.boolean().optional().describe('Applies trellis quantisation.'),
    overshootDeringing: z.boolean().optional().describe('Applies overshoot deringing.'),
    optimiseScans: z.boolean().optional().describe('Optimises progressive scans; sets `progressive`.'),
    quantisationTable: whole(0, 8)
      .optional()
      .describe('Quantisation table, 0 to 8; by default 0, or 3 with `mozjpeg`.'),
  }),
)

const png = once(() =>
  z.strictObject({
    type: z.literal('png'),
    neverGrow: neverGrow(),
    compressionLevel: whole(0, 9).optional().describe('zlib level, 0 to 9; 6 by default.'),
    adaptiveFiltering: z.boolean().optional().describe('Uses adaptive row filters.'),
    progressive: z.boolean().optional().describe('Writes an interlaced image.'),
    palette: z.boolean().optional().describe('Reduces colours to a palette, with alpha.'),
    quality: quality()
      .optional()
      .describe('Uses the fewest colours that reach this quality; sets `palette`.'),
    effort: whole(1, 10).optional().describe('CPU effort, 1 to 10; sets `palette`.'),
    colours: whole(2, 256).optional().describe('Maximum palette entries; sets `palette`.'),
    dither: fraction().optional().describe('Floyd-Steinberg error diffusion, 0 to 1; sets `palette`.'),
  }),
)

const webp = once(() =>
  z.strictObject({
    type: z.literal('webp'),
    maxBytes: maxBytes(),
    neverGrow: neverGrow(),
    quality: qualityOrAuto().optional().describe(describeQuality(80)),
    similarity: similarity(),
    alphaQuality: whole(0, 100)
      .optional()
      .describe('Quality of the alpha channel, 0 to 100; 100 by default.'),
    lossless: z.boolean().optional().describe('Uses lossless compression.'),
    nearLossless: z.boolean().optional().describe('Uses near-lossless compression.'),
    smartSubsample: z.boolean().optional().describe('Uses sharper chroma subsampling.'),
    smartDeblock: z.boolean().optional().describe('Adjusts the deblocking filter; slow.'),
    preset: z
      .enum(['default', 'photo', 'picture', 'drawing', 'icon', 'text'])
      .optional()
      .describe('Kind of picture to tune the encoder for.'),
    effort: whole(0, 6).optional().describe('CPU effort, 0 to 6; 4 by default.'),
    minSize: z.boolean().optional().describe('Makes the smallest animation, without key frames; slow.'),
    exact: z.boolean().optional().describe('Keeps the colour of transparent pixels.'),
    mixed: z.boolean().optional().describe('Mixes lossy and lossless frames in an animation.'),
  }),
)

const avif = once(() =>
  z.strictObject({
    type: z.literal('avif'),
    maxBytes: maxBytes(),
    neverGrow: neverGrow(),
    quality: qualityOrAuto().optional().describe(describeQuality(50)),
    similarity: similarity(),
    lossless: z.boolean().optional().describe('Uses lossless compression.'),
    effort: whole(0, 9).optional().describe('CPU effort, 0 to 9; 4 by default.'),
    chromaSubsampling: subsampling()
      .optional()
      .describe('`4:4:4` by default; `4:2:0` halves the resolution of colour.'),
    bitdepth: z
      .union([z.literal(8), z.literal(10), z.literal(12)], { error: '8, 10 or 12' })
      .optional()
      .describe('Bits per channel; by default 8, or 12 for a picture with 16 bits.'),
    tune: z
      .enum(['auto', 'iq', 'psnr', 'ssim'])
      .optional()
      .describe('Metric to tune the encoder for; `auto` by default.'),
  }),
)

const jxl = once(() =>
  z.strictObject({
    type: z.literal('jxl'),
    maxBytes: maxBytes(),
    neverGrow: neverGrow(),
    quality: qualityOrAuto().optional().describe(describeQuality(80)),
    similarity: similarity(),
    distance: number(0.01, 25)
      .optional()
      .describe(
        'Butteraugli distance instead of a quality, 0.01 to 25: with 1 a difference is barely visible side by side.',
      ),
    lossless: z.boolean().optional().describe('Uses lossless compression of the pixels.'),
    effort: whole(1, 9).optional().describe('CPU effort, 1 to 9; 5 by default, or 4 above 16 megapixels.'),
    decodingSpeed: whole(0, 4)
      .optional()
      .describe('Makes decoding faster and the file larger, 0 to 4; 0 by default.'),
  }),
)

const gif = once(() =>
  z.strictObject({
    type: z.literal('gif'),
    neverGrow: neverGrow(),
    colours: whole(2, 256)
      .optional()
      .describe('Maximum palette entries, including transparency; 256 by default.'),
    effort: whole(1, 10).optional().describe('CPU effort, 1 to 10; 7 by default.'),
    dither: fraction().optional().describe('Floyd-Steinberg error diffusion, 0 to 1; 1 by default.'),
    reuse: z.boolean().optional().describe('Reuses the palette of the input.'),
    progressive: z.boolean().optional().describe('Writes an interlaced image.'),
    interFrameMaxError: whole(0, 32)
      .optional()
      .describe('Maximum difference between frames that becomes transparent; 0 by default.'),
    interPaletteMaxError: whole(0, 256)
      .optional()
      .describe('Maximum difference between palettes for reuse; 3 by default.'),
  }),
)

const tiff = once(() =>
  z.strictObject({
    type: z.literal('tiff'),
    neverGrow: neverGrow(),
    quality: quality().optional().describe('Quality for JPEG and WebP compression, 1 to 100; 80 by default.'),
    // zstd is missing from sharp's libvips, and ccittfax4 needs one bit per pixel.
    compression: z
      .enum(['none', 'jpeg', 'deflate', 'packbits', 'lzw', 'webp'])
      .optional()
      .describe('By default `jpeg`, or `deflate` if that would lose depth or alpha.'),
    predictor: z
      .enum(['none', 'horizontal', 'float'])
      .optional()
      .describe('Predictor for lossless compression.'),
    pyramid: z.boolean().optional().describe('Writes an image pyramid.'),
    tile: z.boolean().optional().describe('Writes tiles instead of strips.'),
  }),
)

const CANDIDATES = ['jpeg', 'png', 'webp', 'avif', 'gif', 'jxl'] as const

const auto = once(() =>
  z
    .strictObject({
      type: z.literal('auto'),
      among: z
        .array(z.enum(CANDIDATES))
        .min(1)
        .optional()
        .describe('Formats to choose from; all of them but `jxl` by default.'),
      maxBytes: maxBytes(),
      neverGrow: neverGrow(),
      // A number has a different meaning for each encoder.
      quality: z
        .literal('auto', { error: 'auto (a number has a different meaning for each encoder)' })
        .optional()
        .describe("Each encoder's default; `auto` finds the lowest that reaches `similarity`."),
      similarity: similarity(),
    })
    .describe('The smallest of several formats, chosen for each picture.'),
)

/** Parameters of each format. */
export const formats = once(() => [jpeg(), png(), webp(), avif(), jxl(), gif(), tiff(), auto()] as const)
