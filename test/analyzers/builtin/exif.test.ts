import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { openExif } from '../../../src/metadata/exif-reader.js'
import { encodeExif } from './exif-block.js'
import { fixture } from '../../support/pictures.js'

/** Reads several tags of all directories. */
function readAll(block: Uint8Array): unknown {
  const exif = openExif(block)
  if (exif === undefined) return undefined
  const tags = [1, 2, 0x010f, 0x8298, 0x8827, 0x829a, 0x9003, 0xa434]
  return [exif.image, exif.photo, exif.gps].map(({ text, numbers }) =>
    tags.map((tag) => [text(tag), numbers(tag)]),
  )
}

describe('EXIF reader', () => {
  it('accepts arbitrary bytes without throwing', () => {
    const header = fc.constantFrom('II*\0\u0008\0\0\0', 'MM\0*\0\0\0\u0008', 'Exif\0\0II*\0\u0008\0\0\0', '')
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        const block = Buffer.concat([Buffer.from(start, 'latin1'), rest])
        expect(() => readAll(block)).not.toThrow()
      }),
    )
  })

  it('accepts truncated and damaged blocks without throwing', async () => {
    const { exif } = await sharp(await fixture('photos/landscape.jpg')).metadata()
    const whole = Buffer.from(exif ?? '')
    expect(JSON.stringify(readAll(whole))).toContain('Imgproc Works')
    for (let at = 0; at < 400; at++) {
      readAll(whole.subarray(0, at))
      const damaged = Buffer.from(whole)
      damaged[at] = 0xff
      readAll(damaged)
    }
  })

  it('reads no more values of a tag than the block holds', () => {
    const block = encodeExif({ image: { 0x8827: { shorts: [1, 2, 3, 4, 5, 6] } } })
    // Set the count of the first entry to 4 billion.
    block.writeUInt32LE(0xffff_ffff, 8 + 2 + 4)
    expect(openExif(block)?.image.numbers(0x8827)).toHaveLength(4)
  })

  it('reads tags before the truncation', () => {
    const block = encodeExif({ image: { 0x010f: { text: 'Me' }, 0x0110: { text: 'A longer name' } } })
    const cut = openExif(block.subarray(0, 8 + 2 + 4 * 12))
    expect([cut?.image.text(0x010f), cut?.image.text(0x0110)]).toEqual(['Me', undefined])
  })
})
