import { describe, expect, it } from 'vitest'
import type { TortureInput } from '../../torture/input.js'
import type { Pixels } from '../../torture/pam.js'
import { verdictOnPicture } from '../../torture/verdict.js'

const INPUT = {
  name: 'a',
  kind: 'bits',
  extension: 'avif',
  format: 'avif',
  bytes: Buffer.alloc(0),
} as TortureInput

/** A picture of one opaque pixel. */
const grey = (level: number, width = 1) =>
  ({ width, height: 1, rgba: Buffer.from([level, level, level, 255]) }) as unknown as Pixels

describe('verdictOnPicture', () => {
  it.each([
    ['right', [100, 101]],
    ['one judge agrees', [101, 150]],
    ['WRONG', [150, 151]],
    // Ten levels from one judge, who is three from the other.
    ['WRONG', [110, 113]],
    // Three levels from one judge, who is fifty from the other.
    ['disputed', [103, 153]],
  ])('is %s for a level of 100 where the judges have %j', (verdict, levels) => {
    expect(
      verdictOnPicture(
        INPUT,
        grey(100),
        levels.map((level) => grey(level)),
      ),
    ).toBe(verdict)
  })

  it('is WRONG for a picture of another size', () => {
    expect(verdictOnPicture(INPUT, grey(100, 2), [grey(100), grey(100)])).toBe('WRONG')
  })

  describe('for TIFFs whose judges apply the orientation', () => {
    const picture = (...levels: number[]) =>
      ({
        width: 2,
        height: 2,
        rgba: Buffer.from(levels.flatMap((level) => [level, 0, 0, 255])),
      }) as unknown as Pixels
    const tiff = (bytes: string) =>
      ({ ...INPUT, extension: 'tif', bytes: Buffer.from(bytes, 'latin1') }) as TortureInput
    const turned = picture(40, 30, 20, 10)

    it.each([
      ['right', 'right', tiff('II\x12\x01\x03\0\x01\0\0\0\x03\0\0\0')],
      ['right', 'right, with the other byte order', tiff('MM\x01\x12\0\x03\0\0\0\x01\0\x03\0\0')],
      ['WRONG', 'wrong with another orientation', tiff('II\x12\x01\x03\0\x01\0\0\0\x02\0\0\0')],
      ['WRONG', 'wrong without one', tiff('II')],
    ])('is %s: %s', (verdict, _title, input) => {
      expect(verdictOnPicture(input, picture(10, 20, 30, 40), [turned, turned])).toBe(verdict)
    })
  })
})
