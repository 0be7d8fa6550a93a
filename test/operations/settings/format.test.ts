import fc from 'fast-check'
import sharp, { type Metadata } from 'sharp'
import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../../src/render/render-rendition.js'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import { format as formatOp } from '../../../src/operations/registry.js'
import { anyInput, opOf } from '../../support/inputs.js'
import {
  colourAt,
  fixture,
  make,
  makePicture,
  makePlain,
  open,
  pixelsOf,
  type Kind,
} from '../../support/pictures.js'

type Format = OpInputs['format']

async function encode(format: Format): Promise<{ bytes: number; metadata: Metadata }> {
  const { data } = await make(await fixture('photos/landscape.jpg'), [{ thumbnail: 120 }, { format }])
  return { bytes: data.length, metadata: await sharp(data).metadata() }
}

describe.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])('encoders, for a picture of kind %s', (kind) => {
  it('accept every option of the schema', async () => {
    const image = await open(await makePicture(kind, 12, 8))
    const input = anyInput(formatOp).filter((format) => {
      const { maxBytes, compression, predictor }: Record<string, unknown> = Object(format)
      // Small byte limits can be unreachable, and WebP in TIFF cannot hold floats.
      return maxBytes === undefined && (compression !== 'webp' || predictor !== 'float')
    })
    await fc.assert(
      fc.asyncProperty(input, async (format) => {
        expect((await renderRendition(image, [opOf('format', format)])).info).toMatchObject({
          width: 12,
          height: 8,
        })
      }),
      { numRuns: 40 },
    )
  })
})

describe('encoder options', () => {
  it.each<[larger: Format, smaller: Format]>([
    ['jpeg', 'jpeg:quality=30'],
    ['jpeg:chromaSubsampling=4:4:4', 'jpeg:chromaSubsampling=4:2:0'],
    ['jpeg', { type: 'jpeg', mozjpeg: true }],
    ['webp', 'webp:quality=30'],
    ['webp:lossless=true', 'webp'],
    ['avif', { type: 'avif', quality: 20 }],
    ['png:compressionLevel=0', 'png:compressionLevel=9'],
    ['png', { type: 'png', palette: true, colours: 16 }],
    ['gif', 'gif:colours=8'],
    ['tiff:compression=none', 'tiff:compression=lzw:predictor=horizontal'],
    ['tiff:compression=lzw', 'tiff:quality=50'],
  ])('are passed to the encoder: %j gives more bytes than %j', async (larger, smaller) => {
    expect((await encode(larger)).bytes).toBeGreaterThan((await encode(smaller)).bytes)
  })

  it('appear in the header of the output', async () => {
    expect((await encode('jpeg:progressive=true')).metadata.isProgressive).toBe(true)
    expect((await encode('jpeg')).metadata.isProgressive).toBe(false)
    expect((await encode('jpeg:chromaSubsampling=4:4:4')).metadata.chromaSubsampling).toBe('4:4:4')
    expect((await encode('png:palette=true')).metadata.isPalette).toBe(true)
    expect((await encode({ type: 'avif', bitdepth: 10 })).metadata.bitsPerSample).toBe(10)
  })
})

describe('lossless formats', () => {
  it.each<Format>(['png', 'webp:lossless=true', 'tiff:compression=deflate', 'tiff:compression=lzw'])(
    'keep every pixel: %s',
    async (format) => {
      const source = await makePicture('rgb')
      const { data } = await make(source, [{ format }])
      expect((await pixelsOf(data)).data).toEqual((await pixelsOf(source)).data)
    },
  )
})

describe('TIFF', () => {
  it('is compressed losslessly if JPEG would lose alpha or depth', async () => {
    for (const kind of ['rgba', 'deep'] as const) {
      const source = await makePicture(kind)
      const { data } = await make(source, [{ format: 'tiff' }])
      expect((await pixelsOf(data)).data).toEqual((await pixelsOf(source)).data)
    }
  })

  it('is flattened on white with JPEG compression', async () => {
    const { data, info } = await make(await makePlain(16, 16, 'transparent'), [
      { format: { type: 'tiff', compression: 'jpeg' } },
    ])
    expect([info.hasAlpha, colourAt(await pixelsOf(data), 8, 8)]).toEqual([false, 'white'])
  })

  it('rejects options that the encoder does not support, with its message', async () => {
    const format = { type: 'tiff', compression: 'webp', predictor: 'float' } as const
    await expect(make(await makePicture('rgb'), [{ format }])).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      stage: 'encode',
      message:
        'The encoder failed: WEBP driver requires 8 bit unsigned data. Choose other options, or another format.',
    })
  })
})
