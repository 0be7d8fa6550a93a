import { z } from 'zod'
import { ERRORS } from '../errors.js'

const pixels = z.int().positive()
const count = z.int().nonnegative()
const texts = z.array(z.string())
const error = z.strictObject({
  code: z.enum(Object.keys(ERRORS)),
  message: z.string(),
  stage: z.enum(['usage', 'config', 'plan', 'read', 'decode', 'render', 'encode', 'write']),
  retryable: z.boolean().describe('True if the same may succeed later'),
})

const color = z.strictObject({
  space: z.string().describe('Colour space as stored, such as srgb, b-w or cmyk'),
  profile: z.string().optional().describe('Name of the ICC profile'),
  channels: pixels,
  bits: pixels.describe('Bits a channel'),
  alpha: z.boolean(),
  hdr: z
    .enum(['gain map', 'pq', 'hlg'])
    .optional()
    .describe('How the picture is brighter on HDR screens: by a gain map, or its curve'),
})

const encoding = z.strictObject({
  chroma: z.string().optional().describe('Chroma subsampling, such as 4:2:0'),
  progressive: z.literal(true).optional(),
  compression: z.string().optional().describe('Of a TIFF, HEIF or JPEG XL'),
  jpegQuality: z
    .strictObject({
      value: z.int().min(1).max(100).describe('Quality on the scale of libjpeg'),
      isExact: z
        .boolean()
        .describe('True if the file has the very table of this quality; false for the nearest'),
    })
    .optional()
    .describe('Estimated quality of a JPEG'),
})

const exif = z.strictObject({
  make: z.string().optional(),
  model: z.string().optional(),
  lens: z.string().optional(),
  taken: z.string().optional().describe('ISO 8601, local time of the camera, with the offset if it is known'),
  exposureTime: z.number().optional().describe('Seconds'),
  fNumber: z.number().optional(),
  iso: z.number().optional(),
  focalLength: z.number().optional().describe('Millimetres'),
  focalLength35mm: z.number().optional().describe('Millimetres, 35 mm equivalent'),
  orientation: z.int().min(1).max(8).optional(),
  artist: z.string().optional(),
  copyright: z.string().optional(),
  description: z.string().optional(),
  software: z.string().optional(),
  exposureBias: z.number().optional().describe('Steps; negative for darker'),
  exposureProgram: z.string().optional(),
  metering: z.string().optional(),
  flash: z.boolean().optional().describe('True if it fired'),
  whiteBalance: z.enum(['auto', 'manual']).optional(),
})

const position = z.strictObject({
  latitude: z.number().describe('Degrees; negative in the south'),
  longitude: z.number().describe('Degrees; negative in the west'),
  altitude: z.number().optional().describe('Metres above sea level'),
})

const metadata = z.strictObject({
  exif: exif.optional(),
  xmp: z.record(z.string(), texts).optional().describe('Texts by property, such as title and creator'),
  iptc: z.record(z.string(), texts).optional().describe('Texts by data set, such as caption and keywords'),
  contentCredentials: z
    .literal(true)
    .optional()
    .describe('Present if the file has Content Credentials (C2PA)'),
  hasPosition: z.boolean().describe('True if EXIF or XMP hold a position'),
  position: position.optional().describe('Only with --gps'),
})

const loss = z.strictObject({
  kind: z.enum([
    'animation', 'hdr', 'transparency', 'depth', 'gamut', 'vectors', 'pages', 'exif', 'position', 'xmp', 'iptc', 'credentials',
  ]), // prettier-ignore
  text: z.string().describe('The loss in words'),
  formats: texts.optional().describe('Formats of the preset that lose it, if others keep it'),
})

const facts = z.strictObject({
  path: z.string().describe('The file, relative to the working directory, or a URL'),
  format: z.string().describe('Such as jpeg, png or heic'),
  bytes: count,
  width: pixels.describe('Pixels, after EXIF orientation'),
  height: pixels.describe('Pixels, after EXIF orientation; of one frame'),
  orientation: z.int().min(2).max(8).optional().describe('EXIF orientation; absent for an upright picture'),
  density: z.number().optional().describe('Pixels per inch, if the file tells'),
  color,
  encoding,
  animation: z
    .strictObject({
      frames: pixels,
      loop: count.describe('Repetitions; 0 for ever'),
      delays: z.array(z.number()).describe('Milliseconds of each frame'),
    })
    .optional(),
  pages: pixels.optional().describe('Pages of a document, such as a TIFF, if there are several'),
  metadata,
  preview: z
    .strictObject({ width: pixels, height: pixels, bytes: count })
    .optional()
    .describe('The preview that the camera embedded'),
  analysis: z.record(z.string(), z.unknown()).optional().describe('Findings of analyzers, by name'),
  analysisErrors: z.array(z.strictObject({ name: z.string(), error })).optional(),
  losses: z
    .array(z.strictObject({ preset: z.string(), losses: z.array(loss) }))
    .optional()
    .describe('What outputs of presets would lack'),
})

const failure = z.strictObject({ path: z.string(), error })

/** Schema of a line of `imgproc inspect --json`, from which its JSON Schema is generated. */
export const inspectionSchema = z.union([facts, failure])
