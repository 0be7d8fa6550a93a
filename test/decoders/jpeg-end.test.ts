import { describe, expect, it } from 'vitest'
import { createJpegEndDecoder } from '../../src/decoders/jpeg-end.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { transform } from '../../src/transform.js'
import { fixture } from '../support/pictures.js'
import { scansOf } from '../support/jpeg-tools.js'

const OPS: ImageOp[] = [{ thumbnail: 100 }, { format: 'png' }]
const FILES = ['landscape.jpg', 'progressive.jpg', 'grey.jpg', 'cmyk.jpg']

describe('JPEG without its EOI marker', () => {
  it.each(FILES.slice(0, 2))('is made as with it, if nothing else is missing: %s', async (name) => {
    const bytes = await fixture(`photos/${name}`)
    const { data } = await transform(bytes, OPS)
    for (const missing of [2, 1])
      expect((await transform(bytes.subarray(0, -missing), OPS)).data.equals(data)).toBe(true)
  })

  it.each(FILES)(
    'is CORRUPT_IMAGE if data is missing as well, or that cannot be excluded: %s',
    async (name) => {
      const bytes = await fixture(`photos/${name}`)
      const missingBytes = [...(FILES.indexOf(name) < 2 ? [3, 4] : [1, 2]), 50]
      for (const missing of [...missingBytes, Math.floor(bytes.length / 3)])
        await expect(transform(bytes.subarray(0, -missing), OPS), String(missing)).rejects.toMatchObject({
          code: 'CORRUPT_IMAGE',
          message: expect.stringContaining('--fail-on none'),
        })
    },
  )

  it('is CORRUPT_IMAGE if scans are missing as well', async () => {
    const bytes = await fixture('photos/progressive.jpg')
    const last = scansOf(bytes).at(-1)!
    await expect(transform(bytes.subarray(0, last), OPS)).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
  })

  it('leaves files with the marker to sharp, also if something follows it', async () => {
    const bytes = await fixture('photos/landscape.jpg')
    const decoder = createJpegEndDecoder()
    const isAccepted = (file: Buffer) =>
      decoder.accepts({ bytes: file, metadata: {} as never, format: 'jpeg' })
    expect(isAccepted(bytes)).toBe(false)
    expect(isAccepted(Buffer.concat([bytes, Buffer.from('trailer')]))).toBe(false)
    expect(isAccepted(bytes.subarray(0, -2))).toBe(true)
  })
})

it('decodes what is left of a damaged JPEG at failOn none, and does not advise it when even that fails', async () => {
  const bytes = await fixture('photos/landscape.jpg')
  const cut = bytes.subarray(0, bytes.length / 2)
  await expect(transform(cut, OPS, { failOn: 'none' })).resolves.toMatchObject({ info: { width: 100 } })
  await expect(transform(bytes.subarray(0, 20), OPS, { failOn: 'none' })).rejects.toMatchObject({
    message: expect.not.stringContaining('fail-on'),
  })
})
