import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { addExifToJpeg } from '../../src/metadata/containers/jpeg.js'
import { addExifToWebp } from '../../src/metadata/containers/webp.js'
import { defuseExif } from '../../src/metadata/exif/defuse-exif.js'
import { writeExif } from '../../src/metadata/exif/write-exif.js'
import { addExifToPng } from '../../src/metadata/png/chunks.js'
import { makeExif, rational, short, text } from '../../torture/grammar/exif.js'
import { make, open } from '../support/pictures.js'

const picture = () => sharp({ create: { width: 80, height: 60, channels: 3, background: 'teal' } })

/** EXIF with orientation 6, an author, and 20 values that share the same bytes. */
function sharedValues(): Buffer {
  const long = (tag: number, length: number) =>
    rational(
      true,
      tag,
      Array.from({ length }, () => [1, 1] as const),
    )
  const block = writeExif(
    makeExif(true, {
      image: [text(0x013b, 'Ann Lee'), short(true, 0x0112, [6])],
      photo: [long(0x9201, 2000), ...Array.from({ length: 19 }, (_, at) => long(0xa401 + at, 1))],
    }),
  )
  const first = block.indexOf(Buffer.from([1, 0x92, 5, 0]))
  for (let at = 1; at < 20; at++) block.copy(block, first + 12 * at + 4, first + 4, first + 12)
  return block
}

describe('EXIF whose values share their bytes', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['JPEG', async () => addExifToJpeg(await picture().jpeg().toBuffer(), sharedValues())],
    ['PNG', async () => addExifToPng(await picture().png().toBuffer(), sharedValues())],
    [
      'WebP',
      async () =>
        addExifToWebp(await picture().webp().toBuffer(), sharedValues(), {
          width: 80,
          height: 60,
          hasAlpha: false,
        }),
    ],
  ])('is hidden from sharp in a %s, but not its orientation, and its author is kept', async (_, source) => {
    const file = await source()
    const defused = defuseExif(file)
    const { orientation, exif } = await sharp(defused?.bytes).metadata()
    expect([orientation, exif?.includes('Ann Lee'), defused?.bytes.length]).toEqual([6, false, file.length])
    expect((await open(file)).bytes).toEqual(defused?.bytes)
    const { data, info } = await make(file, [{ metadata: 'copyright' }])
    expect([info.width, info.height]).toEqual([60, 80])
    expect((await sharp(data).metadata()).exif?.includes('Ann Lee')).toBe(true)
  })

  it('is the only EXIF that is hidden', async () => {
    const plain = writeExif(
      makeExif(true, { image: [text(0x013b, 'Ann Lee')], photo: [text(0x9286, 'x'.repeat(60_000))] }),
    )
    expect(defuseExif(addExifToJpeg(await picture().jpeg().toBuffer(), plain))).toBeUndefined()
    expect(defuseExif(await picture().jpeg().toBuffer())).toBeUndefined()
  })

  it('includes directories in a loop and long chains of them', async () => {
    const block = writeExif(makeExif(true, { image: [text(0x013b, 'Ann Lee')] }))
    const loop = Buffer.from(block)
    loop.writeUInt32LE(8, 8 + 2 + 12)
    const jpeg = await picture().jpeg().toBuffer()
    expect(defuseExif(addExifToJpeg(jpeg, loop))).toBeUndefined()
    const directory = (next: number) => Buffer.from([0, 0, next & 255, next >> 8, 0, 0])
    const chain = Array.from({ length: 50 }, (_, at) => directory(8 + 6 * (at + 1)))
    expect(defuseExif(addExifToJpeg(jpeg, Buffer.concat([block.subarray(0, 8), ...chain])))).toBeDefined()
  })
})
