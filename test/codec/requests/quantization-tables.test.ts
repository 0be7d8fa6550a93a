import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { quantTablesOf } from '../../../src/codec/requests/quantization-tables.js'

describe('quantTablesOf', () => {
  it('returns the tables that libjpeg writes for each quality', async () => {
    const create = { width: 8, height: 8, channels: 3, background: 'teal' } as const
    for (let quality = 1; quality <= 100; quality++) {
      const jpeg = await sharp({ create }).jpeg({ quality }).toBuffer()
      const [luma, chroma] = ['ffdb004300', 'ffdb004301'].map((marker) => jpeg.indexOf(marker, 0, 'hex') + 5)
      const written = Buffer.concat([luma, chroma].map((at) => jpeg.subarray(at, at! + 64)))
      expect(Buffer.from(quantTablesOf(quality)), `${quality}`).toEqual(written)
    }
  })
})
