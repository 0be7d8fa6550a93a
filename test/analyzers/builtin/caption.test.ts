import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { caption } from '../../../src/analyzers/builtin/caption.js'
import { addExifToJpeg, addIptcToJpeg } from '../../../src/metadata/containers/jpeg.js'
import { writeExif } from '../../../src/metadata/exif/write-exif.js'
import { selectIptc } from '../../../src/metadata/iptc/select-iptc.js'
import { NOTHING } from '../../../src/metadata/keep.js'
import { writeXmp } from '../../../src/metadata/xmp/write-xmp.js'
import { entry, makeExif, text } from '../../../torture/grammar/exif.js'
import { find } from '../find.js'

const plain = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })

/** Returns a JPEG with descriptions in some kinds of metadata. */
async function photo({ exif, iptc, xmp }: { exif?: string; iptc?: string; xmp?: string }): Promise<Buffer> {
  const packet = xmp === undefined ? undefined : writeXmp(undefined, { description: xmp, altText: 'A cat' })
  const jpeg = await (packet === undefined ? plain() : plain().withXmp(packet)).jpeg().toBuffer()
  const title = entry(0x9c9b, 1, Buffer.from('Titel ü\0', 'utf16le'))
  const withExif =
    exif === undefined
      ? jpeg
      : addExifToJpeg(jpeg, writeExif(makeExif(true, { image: [text(0x010e, exif), title] })))
  const records = iptc === undefined ? undefined : selectIptc(undefined, NOTHING, { description: iptc })
  return records === undefined ? withExif : addIptcToJpeg(withExif, records.iptc)!
}

describe('caption', () => {
  it('prefers XMP to IPTC, and IPTC to EXIF', async () => {
    const all = { exif: 'of EXIF', iptc: 'of IPTC', xmp: 'of XMP' }
    expect(await find(caption, await photo(all))).toEqual({
      title: 'Titel ü',
      description: 'of XMP',
      altText: 'A cat',
    })
    expect(await find(caption, await photo({ exif: 'of EXIF', iptc: 'of IPTC' }))).toMatchObject({
      description: 'of IPTC',
    })
    expect(await find(caption, await photo({ exif: 'Größe' }))).toEqual({
      title: 'Titel ü',
      description: 'Größe',
    })
  })

  it.each(['OLYMPUS DIGITAL CAMERA', 'SONY DSC', 'DCIM\\100MEDIA\\DJI_0001.JPG'])(
    'takes %s for no description',
    async (filling) => {
      expect(await find(caption, await photo({ exif: filling }))).toEqual({ title: 'Titel ü' })
    },
  )

  it('is empty without metadata', async () => {
    expect(await find(caption, await photo({}))).toEqual({})
  })
})
