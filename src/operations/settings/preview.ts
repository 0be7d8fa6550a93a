import { z } from 'zod'
import { defineSetting } from '../define-operation.js'

const kinds = z.enum(['embedded'])

export const preview = defineSetting({
  name: 'preview',
  summary:
    "Starts from the small picture that a camera puts into a JPEG's EXIF, wherever it is good enough: many times as fast.",
  params: z.strictObject({
    source: kinds.describe(
      "`embedded` is the camera's thumbnail. A picture without one, or whose thumbnail is too small, of another shape, damaged or framed by black bars, is made from itself, as are those whose metadata is kept.",
    ),
  }),
  shorthand: { schema: kinds, read: (source) => ({ source }) },
  example: 'embedded',
})
