import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { ImgprocError } from '../../src/errors.js'
import { createTiffDecoder } from '../../src/decoders/tiff/decoder.js'
import { transform, type TransformOptions } from '../../src/transform.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { writeTiffFile, type Tag, type TiffSpec } from '../../torture/grammar/tiff-file.js'
import { DISPLAY_P3, makeRgbProfile, SRGB_CURVE } from '../support/profiles.js'

const RED: TiffSpec = {
  width: 64,
  height: 48,
  photometric: 2,
  bits: 8,
  channels: 3,
  pixel: () => [255, 0, 0],
}
const FLOAT_GREY: TiffSpec = {
  ...RED,
  photometric: 1,
  channels: 1,
  bits: 32,
  format: 3,
  pixel: (x) => [x / 63],
}

/** Returns the channels of a pixel of an output. */
async function pixelOf(
  bytes: Buffer,
  ops: readonly ImageOp[],
  x: number,
  y: number,
  options: TransformOptions = {},
): Promise<number[]> {
  const { data } = await transform(bytes, [...ops, { format: 'png' }], options)
  const raw = await sharp(data).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const at = (y * raw.info.width + x) * raw.info.channels
  return [...raw.data.subarray(at, at + raw.info.channels)]
}

async function failureOf(bytes: Buffer, options: TransformOptions = {}): Promise<string> {
  const error: unknown = await transform(bytes, [{ thumbnail: 16 }], options).catch(
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ImgprocError)) throw new Error('It did not fail.')
  return `${error.code}: ${error.message}`
}

/** Position of the values of a tag in a little-endian TIFF of one directory. */
function valuesOf(tiff: Buffer, tag: number): number {
  const directory = tiff.readUInt32LE(4)
  for (let entry = directory + 2; entry < tiff.length; entry += 12)
    if (tiff.readUInt16LE(entry) === tag) return tiff.readUInt32LE(entry + 8)
  throw new Error('no such tag')
}

const TILE_OFFSETS = 324
const TILE_BYTE_COUNTS = 325

describe('extra channels of a TIFF', () => {
  it('are dropped behind an opaque alpha', async () => {
    const tiff = writeTiffFile({ ...RED, channels: 5, extra: [2, 0], pixel: () => [255, 0, 0, 255, 0] })
    expect(await pixelOf(tiff, [{ thumbnail: 32 }], 16, 12)).toEqual([255, 0, 0, 255])
  })

  it('are dropped behind a half transparent alpha', async () => {
    const tiff = writeTiffFile({ ...RED, channels: 5, extra: [2, 0], pixel: () => [255, 0, 0, 128, 7] })
    expect(await pixelOf(tiff, [{ thumbnail: 32 }], 16, 12)).toEqual([255, 0, 0, 128])
  })

  it('do not keep a picture of full size from becoming a JPEG', async () => {
    for (const photometric of [1, 2]) {
      const tiff = writeTiffFile({ ...RED, photometric, channels: 6, pixel: () => [255, 0, 0, 1, 2, 3] })
      const { info } = await transform(tiff, [{ format: 'jpeg' }])
      expect([info.format, info.width, info.height]).toEqual(['jpeg', 64, 48])
    }
  })
})

describe('a TIFF of floating-point samples', () => {
  it('shows 0 to 1 as black to white', async () => {
    const tiff = writeTiffFile(FLOAT_GREY)
    expect(await pixelOf(tiff, [], 7, 5)).toEqual([28, 28, 28])
    expect(await pixelOf(tiff, [], 32, 5)).toEqual([130, 130, 130])
    expect(await pixelOf(tiff, [], 63, 5)).toEqual([255, 255, 255])
  })

  it('shows the range of its SMinSampleValue and SMaxSampleValue tags', async () => {
    const float = (value: number): Buffer => {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatLE(value)
      return bytes
    }
    const asNumber = (value: number): number => float(value).readUInt32LE()
    const tags: Tag[] = [
      [340, 11, [asNumber(100)]],
      [341, 11, [asNumber(300)]],
    ]
    const tiff = writeTiffFile({ ...FLOAT_GREY, pixel: () => [200], tags })
    expect(await pixelOf(tiff, [], 5, 5)).toEqual([128, 128, 128])
  })

  it('becomes 16 bits', async () => {
    const { data } = await transform(writeTiffFile(FLOAT_GREY), [{ format: 'png' }])
    expect((await sharp(data).metadata()).depth).toBe('ushort')
  })
})

describe('a TIFF of YCbCr', () => {
  const tiff = writeTiffFile({ ...RED, photometric: 6, subsampling: [1, 1], pixel: () => [76, 85, 255] })

  it('shows red', async () => {
    expect(await pixelOf(tiff, [{ thumbnail: 32 }], 5, 5)).toEqual([254, 0, 0])
  })

  it('has no alpha, and becomes a JPEG by default', async () => {
    const { info } = await transform(tiff, [{ thumbnail: 32 }])
    expect([info.format, info.hasAlpha]).toEqual(['jpeg', false])
  })
})

describe('a TIFF that is converted', () => {
  it('keeps its profile, orientation and XMP', async () => {
    const { icc } = makeRgbProfile(DISPLAY_P3, SRGB_CURVE)
    const tags: Tag[] = [
      [274, 3, [6]],
      [700, 1, Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')],
      [34675, 7, icc],
    ]
    for (const isBigEndian of [false, true]) {
      for (const isBigTiff of [false, true]) {
        const tiff = writeTiffFile({
          ...FLOAT_GREY,
          photometric: 2,
          channels: 3,
          pixel: () => [1, 0, 0],
          isBigEndian,
          isBigTiff,
          tags,
        })
        const metadata = await sharp(tiff).metadata()
        const options = { maxPixels: 1e6, seconds: 60 }
        const decoded = await createTiffDecoder().decode(tiff, metadata, options)
        const { icc: keptIcc, orientation, xmp, depth, channels, format } = await sharp(decoded).metadata()
        expect({ orientation, depth, channels, format }).toEqual({
          orientation: 6,
          depth: 'ushort',
          channels: 3,
          format: 'tiff',
        })
        expect(keptIcc).toEqual(icc)
        expect(xmp).toEqual(metadata.xmp)
      }
    }
  })

  it('is turned upright', async () => {
    const tiff = writeTiffFile({ ...FLOAT_GREY, tags: [[274, 3, [6]]] })
    const { info } = await transform(tiff, [{ format: 'png' }])
    expect([info.width, info.height]).toEqual([48, 64])
  })

  it('is refused if it has more pixels than the limit', async () => {
    expect(await failureOf(writeTiffFile(FLOAT_GREY), { limits: { pixels: 3000 } })).toMatch(
      /^TOO_MANY_PIXELS: 64x48 /,
    )
  })

  it('is refused by its limit of pixels if sharp does not read its header either', async () => {
    const tiff = writeTiffFile({ ...FLOAT_GREY, bits: 24 })
    expect(await failureOf(tiff, { limits: { pixels: 3000 } })).toMatch(/^TOO_MANY_PIXELS: 64x48 /)
  })

  it('stops at its limit of seconds', async () => {
    const tiff = writeTiffFile({ ...FLOAT_GREY, tile: 16 })
    const directory = tiff.readUInt32LE(4)
    // Width and height are the first entries. With failOn none the missing tiles are 0.
    for (const entry of [0, 1]) tiff.writeUInt32LE(3000, directory + 2 + 12 * entry + 8)
    const metadata = await sharp(tiff).metadata()
    const options = { maxPixels: 1e9, seconds: 0.001, failOn: 'none' } as const
    const decoded = createTiffDecoder().decode(tiff, metadata, options)
    await expect(decoded).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })
})

describe('a decoder of TIFF', () => {
  it.each([
    ['grey', { photometric: 1, channels: 1 }],
    ['RGB', {}],
    ['RGB with alpha', { channels: 4, extra: [2] }],
    ['RGB of 16 bits', { bits: 16 }],
    ['CMYK', { photometric: 5, channels: 4 }],
    ['RGB in tiles', { tile: 16, compression: 5 }],
  ] as const)('leaves %s to sharp', async (_, more) => {
    const bytes = writeTiffFile({ ...RED, ...more })
    const metadata = await sharp(bytes).metadata()
    expect(createTiffDecoder().accepts({ bytes, metadata, format: 'tiff' })).toBe(false)
  })
})

describe('a damaged TIFF', () => {
  const noise = (x: number, y: number): number[] => [
    (x * 37 + y * 91) % 256,
    (x * y) % 256,
    (x * 3 + y * y) % 256,
  ]
  const COMPRESSIONS = [
    ['no', 1],
    ['LZW', 5],
    ['Deflate', 8],
    ['PackBits', 32773],
  ] as const
  const PLAIN: TiffSpec = { ...RED, pixel: noise, tile: 16 }
  const CONVERTED: TiffSpec = {
    ...PLAIN,
    channels: 5,
    extra: [2, 0],
    pixel: (x, y) => [...noise(x, y), 255, 7],
  }

  it.each(COMPRESSIONS)(
    'is CORRUPT_IMAGE if a tile with %s compression lies outside the file',
    async (_, compression) => {
      for (const spec of [PLAIN, CONVERTED]) {
        const tiff = writeTiffFile({ ...spec, compression })
        tiff.writeUInt32LE(tiff.length + 1000, valuesOf(tiff, TILE_OFFSETS) + 8)
        expect(await failureOf(tiff)).toMatch(/^CORRUPT_IMAGE: The image is damaged: /)
        await expect(transform(tiff, [{ thumbnail: 16 }], { failOn: 'none' })).resolves.toBeDefined()
      }
    },
  )

  it.each(COMPRESSIONS)(
    'is CORRUPT_IMAGE if a tile with %s compression is cut off',
    async (_, compression) => {
      for (const spec of [PLAIN, CONVERTED]) {
        const tiff = writeTiffFile({ ...spec, compression })
        const at = valuesOf(tiff, TILE_BYTE_COUNTS) + 8
        tiff.writeUInt32LE(Math.floor(tiff.readUInt32LE(at) / 2), at)
        expect(await failureOf(tiff)).toMatch(/^CORRUPT_IMAGE: The image is damaged: /)
        await expect(transform(tiff, [{ thumbnail: 16 }], { failOn: 'none' })).resolves.toBeDefined()
      }
    },
  )

  it('is read if tiles are left out because they hold nothing but 0', async () => {
    const tiff = writeTiffFile({ ...RED, tile: 16, pixel: (x) => (x < 16 ? [0, 0, 0] : [255, 0, 0]) })
    for (const tag of [TILE_OFFSETS, TILE_BYTE_COUNTS]) tiff.writeUInt32LE(0, valuesOf(tiff, tag))
    expect(await pixelOf(tiff, [], 5, 5)).toEqual([0, 0, 0])
    expect(await pixelOf(tiff, [], 20, 5)).toEqual([255, 0, 0])
  })

  it('is not seen in tags with faults that viewers accept', async () => {
    const tags: Tag[][] = [
      [[305, 2, Buffer.from('no zero at its end')]],
      [[305, 2, Buffer.from('zero\0inside\0')]],
      [[65_000, 3, [1, 2, 3]]],
      [
        [282, 5, [0]],
        [283, 5, [0]],
      ],
    ]
    for (const each of tags)
      for (const more of [{}, { tile: 16 }])
        await expect(
          transform(writeTiffFile({ ...RED, ...more, tags: each }), [{ thumbnail: 16 }]),
        ).resolves.toBeDefined()
  })
})

describe('Deflate compression of a TIFF', () => {
  const gradient: TiffSpec = { ...RED, compression: 8, height: 50, pixel: (x, y) => [x * 4, y * 5, 90] }

  it('is CORRUPT_IMAGE if a checksum is wrong, in strips and tiles', async () => {
    for (const tile of [undefined, 16]) {
      const tiff = writeTiffFile({ ...gradient, ...(tile !== undefined && { tile }) })
      const counts = tile === undefined ? 279 : TILE_BYTE_COUNTS
      const lastByte = 8 + tiff.readUInt32LE(valuesOf(tiff, counts)) - 1
      tiff[lastByte] = tiff[lastByte]! ^ 1
      expect(await failureOf(tiff)).toMatch(/^CORRUPT_IMAGE: .*(?:strip|tile) 1 cannot be decompressed/)
      expect(await pixelOf(tiff, [], 60, 49, { failOn: 'none' })).toEqual([240, 245, 90])
    }
  })

  it('is read to the last row if the last strip has more rows than the picture', async () => {
    const tiff = writeTiffFile(gradient)
    const directory = tiff.readUInt32LE(4)
    // The second entry is the height.
    tiff.writeUInt32LE(47, directory + 2 + 12 + 8)
    for (const x of [0, 20, 63]) expect(await pixelOf(tiff, [], x, 46)).toEqual([x * 4, 46 * 5, 90])
  })
})
