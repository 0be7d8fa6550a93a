import { z } from 'zod'
import { defineSetting } from '../define-operation.js'

export const autoOrient = defineSetting({
  name: 'autoOrient',
  summary: 'Turns the pixels as the EXIF orientation says before anything else; on unless set to false.',
  params: z.strictObject({ enabled: z.boolean().describe('`false` leaves pixels and tag as they are.') }),
  shorthand: { schema: z.boolean({ error: 'true or false' }), read: (enabled) => ({ enabled }) },
  example: false,
})
