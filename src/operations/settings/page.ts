import { z } from 'zod'
import { once } from '../../utils/once.js'
import { defineSetting } from '../define-operation.js'

/** More pages than any file has that is read within the limits. */
const MAX_PAGE = 100_000

const index = once(() => z.int().min(0).max(MAX_PAGE))

export const page = defineSetting({
  name: 'page',
  summary:
    'Chooses one page, frame or picture of a source that holds several, such as a TIFF, GIF, HEIC or ICO.',
  params: () =>
    z.strictObject({
      index: index().describe(
        'Counted from 0, as in sharp. The output is a still of it. Without it, an animation keeps all frames if the format can, and other sources give their main picture.',
      ),
    }),
  shorthand: { schema: index, read: (value) => ({ index: value }) },
  example: 0,
})
