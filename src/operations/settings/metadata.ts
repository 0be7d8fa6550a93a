import { z } from 'zod'
import { defineSetting } from '../define-operation.js'

const PARTS = ['icc', 'exif', 'copyright', 'gps', 'xmp', 'gainmap'] as const
const PART = `strip, keep, or parts of ${PARTS.join(', ')}`
const part = z.enum(PARTS, { error: PART })
type Part = z.output<typeof part>
const parts = z.array(part).min(1, { error: PART }).readonly()

export const metadata = defineSetting({
  name: 'metadata',
  summary:
    'What is kept of colour profile, EXIF, XMP, position and HDR gain map. Nothing is, unless asked for.',
  params: z.strictObject({
    keep: z
      .union([z.enum(['nothing', 'everything']), parts], { error: PART })
      .describe(
        'Parts to keep: `icc` the colour profile (else colours become sRGB), `exif` all but position and the ' +
          'embedded thumbnail, `gps` the position, `copyright` only author and copyright, `xmp` XMP, without ' +
          'coordinates unless `gps` is a part too, `gainmap` what makes a JPEG shine on HDR screens, as long as ' +
          'it stays JPEG, is only scaled, cropped and turned, and nothing is searched for. IPTC is never kept.',
      ),
  }),
  shorthand: {
    schema: z.union(
      [z.enum(['strip', 'keep', ...PARTS]), z.templateLiteral([part, z.enum([':', ',']), z.string()]), parts],
      { error: PART },
    ),
    read(value) {
      if (value === 'strip') return { keep: 'nothing' } as const
      if (value === 'keep') return { keep: 'everything' } as const
      // The parameters' own schema says which part is unknown.
      return { keep: typeof value === 'string' ? (value.split(/[:,]/) as Part[]) : value }
    },
  },
  example: 'icc:copyright',
})
