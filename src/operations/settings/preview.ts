import { z } from 'zod'
import { once } from '../../utils/once.js'
import { defineSetting } from '../define-operation.js'

const kinds = once(() => z.enum(['embedded']))

export const preview = defineSetting({
  name: 'preview',
  summary: "Uses a JPEG's embedded EXIF thumbnail if it is good enough; many times faster.",
  params: () =>
    z.strictObject({
      source: kinds().describe(
        '`embedded` is the EXIF thumbnail. The image itself is used if the thumbnail is missing, too small, damaged, ' +
          'of another shape or framed by black bars, or if metadata is kept.',
      ),
    }),
  shorthand: { schema: kinds, read: (source) => ({ source }) },
  example: 'embedded',
})
