import { z } from 'zod'
import { defineSetting } from '../define-operation.js'

export const autoOrient = defineSetting({
  name: 'autoOrient',
  summary: 'Applies the EXIF orientation before all other operations; on by default.',
  params: () =>
    z.strictObject({
      enabled: z.boolean().describe('`false` keeps the stored pixels and the orientation tag.'),
    }),
  shorthand: { schema: () => z.boolean({ error: 'true or false' }), read: (enabled) => ({ enabled }) },
  example: false,
})
