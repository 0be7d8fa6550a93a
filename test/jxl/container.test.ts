import { readFile } from 'node:fs/promises'
import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { addJxlMetadata, isJxl, readContents } from '../../src/jxl/container.js'
import { readJxl } from '../../src/jxl/read-header.js'
import { writeBox } from '../../src/metadata/iso-boxes.js'

const fixture = async (name: string) =>
  Buffer.from(await readFile(new URL(`../../fixtures/jxl/${name}`, import.meta.url)))
const EXIF = Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1')
const XMP = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')

describe('addJxlMetadata', () => {
  it.each(['animated.jxl', 'photo.jxl'])(
    'adds EXIF and XMP to %s, and leaves the codestream as it is',
    async (name) => {
      const file = await fixture(name)
      const before = readContents(file)
      const written = readContents(addJxlMetadata(file, { exif: EXIF, xmp: XMP }))
      expect(written.exif).toEqual(EXIF)
      expect(written.xmp).toEqual(XMP)
      expect(Buffer.from(written.codestream).equals(before.codestream)).toBe(true)
    },
  )

  it('returns a file without metadata unchanged', async () => {
    const file = await fixture('animated.jxl')
    expect(addJxlMetadata(file, {})).toBe(file)
  })

  it('adds what is missing in two calls', async () => {
    const once = addJxlMetadata(await fixture('animated.jxl'), { xmp: XMP })
    const { exif, xmp } = readContents(addJxlMetadata(once, { exif: EXIF }))
    expect({ exif, xmp }).toEqual({ exif: EXIF, xmp: XMP })
  })
})

describe('readContents', () => {
  const withBox = async (...boxes: readonly Buffer[]) => {
    const file = await fixture('animated.jxl')
    const head = addJxlMetadata(file, { xmp: XMP }).subarray(0, 32)
    return Buffer.concat([head, ...boxes, writeBox('jxlc', file)])
  }

  it('reads metadata that Brotli has compressed', async () => {
    const box = writeBox('brob', Buffer.from('xml '), brotliCompressSync(XMP))
    expect(readContents(await withBox(box)).xmp).toEqual(XMP)
  })

  it.each([
    ['compressed data that is none', writeBox('brob', Buffer.from('Exif'), Buffer.alloc(20, 0xff))],
    [
      '32 MB that take a few bytes',
      writeBox('brob', Buffer.from('Exif'), brotliCompressSync(Buffer.alloc(2 ** 25))),
    ],
    ['an offset beyond the end', writeBox('Exif', Buffer.from([255, 255, 255, 255]), EXIF)],
    ['an empty box', writeBox('Exif')],
  ])('leaves out EXIF that is %s', async (_, box) => {
    const contents = readContents(await withBox(box))
    expect(contents.exif).toBeUndefined()
    expect(contents.codestream.length).toBeGreaterThan(0)
  })

  it('joins the parts of a codestream', async () => {
    const file = await fixture('animated.jxl')
    const part = (number: number, bytes: Buffer) => {
      const head = Buffer.alloc(4)
      head.writeUInt32BE(number)
      return writeBox('jxlp', head, bytes)
    }
    const head = addJxlMetadata(file, { xmp: XMP }).subarray(0, 32)
    const split = Buffer.concat([head, part(0, file.subarray(0, 50)), part(0x8000_0001, file.subarray(50))])
    expect(isJxl(split)).toBe(true)
    expect(readContents(split).codestream).toEqual(file)
    expect(readJxl(split)).toMatchObject({ header: { width: 120, height: 90 } })
  })
})
