import { z } from 'zod'
import { once } from '../../utils/once.js'
import { defineSetting } from '../define-operation.js'

const PARTS = ['icc', 'exif', 'copyright', 'gps', 'xmp', 'iptc', 'gainmap'] as const
const PART = `strip, keep, or any of ${PARTS.join(', ')}`
const part = once(() => z.enum(PARTS, { error: PART }))
type Part = z.output<ReturnType<typeof part>>
const parts = once(() => z.array(part()).min(1, { error: PART }).readonly())

export const metadata = defineSetting({
  name: 'metadata',
  summary: 'Selects the metadata to keep; by default all of it is removed.',
  params: () =>
    z.strictObject({
      keep: z
        .union([z.enum(['nothing', 'everything']), parts()], { error: PART })
        .describe(
          'Parts to keep: `icc` (colour profile; without it, colours become sRGB), `exif` (except position, ' +
            'embedded thumbnail and maker notes), `gps` (position), `copyright` (author, copyright, credit and licence in ' +
            'EXIF, XMP and IPTC; if the EXIF has none, those of XMP or IPTC), `xmp` (coordinates only with `gps`), `iptc` ' +
            '(texts of IPTC, in a JPEG or TIFF), `gainmap` (HDR gain map of a JPEG). ' +
            'The gain map needs a JPEG output that is only resized, cropped, flipped, rotated by quarter turns or watermarked, and ' +
            'a `maxBytes` that leaves room for it. A CMYK profile is kept only if all operations move, scale or average pixels; ' +
            'others convert colours to sRGB first. Comments, text chunks and Content Credentials (C2PA) are never kept.',
        ),
    }),
  shorthand: {
    schema: () =>
      z.union(
        [
          z.enum(['strip', 'keep', ...PARTS]),
          z.templateLiteral([part(), z.enum([':', ',']), z.string()]),
          parts(),
        ],
        { error: PART },
      ),
    read(value) {
      if (value === 'strip') return { keep: 'nothing' } as const
      if (value === 'keep') return { keep: 'everything' } as const
      // The schema of the parameters reports unknown parts.
      return { keep: typeof value === 'string' ? (value.split(/[:,]/) as Part[]) : value }
    },
  },
  example: 'icc:copyright',
})
