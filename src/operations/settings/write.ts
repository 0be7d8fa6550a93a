import { z } from 'zod'
import { once } from '../../utils/once.js'
import { defineSetting } from '../define-operation.js'
import { whole } from '../parameters.js'

const MAX_LENGTH = 2000
/** Control characters other than tab and line feed, which XML and EXIF do not allow, and halves of characters. */
const NOT_TEXT = /(?![\t\n])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/u
const TEXT = `text of 1 to ${MAX_LENGTH} characters, without control characters`

const text = once(() =>
  z
    .string({ error: TEXT })
    .max(MAX_LENGTH, { error: TEXT })
    .refine((value) => value.trim() !== '' && !NOT_TEXT.test(value), { error: TEXT })
    .optional(),
)

const params = () =>
  z
    .strictObject({
      artist: text().describe('Author; several are separated by `;`.'),
      copyright: text().describe('Copyright notice.'),
      description: text().describe('Caption.'),
      credit: text().describe('Credit line, to be printed beside the picture. EXIF has no place for it.'),
      altText: text().describe('Text that stands for the picture. Only XMP has a place for it.'),
      density: whole(1, 10_000, 'pixels per inch')
        .optional()
        .describe('Pixels per inch for printing, 1 to 10000. No pixel changes.'),
    })
    .refine((written) => Object.values(written).some((value) => value !== undefined), {
      error: 'at least one of artist, copyright, description, credit, altText, density',
    })
    .refine(({ artist }) => artist === undefined || /[^;\s]/.test(artist), {
      path: ['artist'],
      error: 'a name',
    })

export const write = defineSetting({
  name: 'write',
  summary:
    'Writes author, copyright, caption and the like into EXIF, XMP and IPTC, in place of those of the source.',
  params,
  example: { artist: 'NASA', credit: 'NASA/JPL-Caltech', density: 300 },
})
