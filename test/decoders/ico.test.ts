import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../src/render/render-rendition.js'
import { icons } from '../../torture/grammar/ico.js'
import {
  compareWith,
  expectSame,
  findReaders,
  open,
  readDamaged,
  readPixels,
} from '../support/own-formats.js'

const files = [...icons()]
const named = new Map(files.map((file) => [file.name, file.bytes]))
const readers = await findReaders()

/** Pillow ignores the mask of a cursor; both leave a picture of 32 bits without alpha transparent, unlike Windows and Chromium. */
const OTHERS_DIFFER: Readonly<Record<string, RegExp>> = {
  imagemagick: /empty alpha/,
  pillow: /empty alpha|cur$/,
}

describe('ICO and CUR', () => {
  it('are read to the exact pixels of their largest picture, with its alpha or mask', async () => {
    for (const { name, bytes, expected } of files) expectSame(await readPixels(bytes), expected, name)
    expect(files.length).toBeGreaterThan(20)
  })

  it.each(readers)('are read as %s reads them', async (reader) => {
    expect(await compareWith(reader, { files, skip: OTHERS_DIFFER[reader] })).toBeGreaterThanOrEqual(9)
  })

  it('become PNG, and tell how many pictures they hold', async () => {
    const image = await open(named.get('several, ico')!)
    expect([image.format, image.pages]).toEqual(['ico', 3])
    expect((await renderRendition(image, [])).info).toMatchObject({ format: 'png', width: 32, height: 32 })
    expect((await open(named.get('24 bits, cur')!)).format).toBe('cur')
  })

  it('that are cut off are CORRUPT_IMAGE', async () => {
    const whole = named.get('24 bits, ico')!
    await expect(open(whole.subarray(0, whole.length - 30))).rejects.toThrow(
      /ends too early, \d+ bytes are missing/,
    )
    await expect(open(whole.subarray(0, 24))).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
    const many = Buffer.from(whole)
    many.writeUInt16LE(200, 4)
    many.writeUInt32LE(4000, 18)
    await expect(open(many)).rejects.toThrow('its list of 200 pictures is cut off')
  })

  it('with a damaged picture give the largest of the others', async () => {
    const bytes = Buffer.from(named.get('several, ico')!)
    // The size of the header of the second picture, the largest.
    bytes.writeUInt32LE(9999, bytes.readUInt32LE(6 + 16 + 12))
    expect((await open(bytes)).metadata.width).toBe(24)
  })

  it('that are damaged anyhow give a picture or a clear error', async () => {
    const { pictures, errors } = await readDamaged(files, 500)
    expect(pictures).toBeGreaterThan(50)
    expect(errors['CORRUPT_IMAGE']).toBeGreaterThan(50)
  }, 60_000)
})
