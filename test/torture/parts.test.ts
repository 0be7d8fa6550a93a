import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partsOf } from '../../torture/parts.js'

const BEGINNINGS = [
  '\x89PNG\r\n\x1a\n',
  '\xff\xd8',
  'RIFF',
  'GIF89a',
  '\0\0\0\x18ftyp',
  'II*\0',
  'MM\0*',
  '<svg',
  'BM',
  'qoif',
  'P6\n',
  '\0\0\x01\0',
]

describe('partsOf', () => {
  it('finds parts inside of whatever is left of a file', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BEGINNINGS), fc.uint8Array({ maxLength: 200 }), (beginning, rest) => {
        const bytes = Buffer.concat([Buffer.from(beginning, 'latin1'), rest])
        for (const [start, end] of partsOf(bytes)) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeGreaterThanOrEqual(start)
          expect(end).toBeLessThanOrEqual(bytes.length)
        }
      }),
      { numRuns: 5000 },
    )
  })
})
