import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ImageOp, OpInputs } from '../../src/operations/image-op.generated.js'
import { readExif } from '../support/exif.js'
import { colourAt, difference, fixture, make, pixelsOf } from '../support/pictures.js'
import { ADOBE_RGB, makeRgbProfile } from '../support/profiles.js'
import { makeTiff } from '../support/tiff.js'

const JPEG_START = Buffer.from([0xff, 0xd8, 0xff])
/** 41 degrees as an EXIF rational. */
const POSITION = Buffer.from(new Uint32Array([41, 1]).buffer)
const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r"/></x:xmpmeta>'

const lists: [name: string, ops: ImageOp[]][] = [
  ['nothing', []],
  ['one pass', [{ thumbnail: 60 }]],
  ['several passes', [{ blur: 1 }, { thumbnail: 60 }, { rotate: 90 }, { blur: 1 }]],
  ['an operation that searches the pixels', [{ trim: true }, { flop: true }]],
  ['an operation that removes colours', [{ grayscale: true }]],
]

const { icc, toSrgb } = makeRgbProfile(ADOBE_RGB, 563 / 256)
const NUMBERS = [
  [220, 60, 40],
  [60, 200, 40],
  [40, 60, 220],
] as const

/** Creates three plain frames in Adobe RGB, with the EXIF and XMP of a photo. */
async function makeAnimation(): Promise<Buffer> {
  const frames = NUMBERS.map((numbers) =>
    makeTiff(
      {
        width: 64,
        height: 48,
        channels: 3,
        data: Uint8Array.from({ length: 64 * 48 * 3 }, (_, at) => numbers[at % 3]!),
      },
      icc,
    ),
  )
  // This EXIF has a GPS position and a thumbnail, like that of a phone.
  const { exif } = await sharp(await fixture('photos/landscape.jpg')).metadata()
  const bare = await sharp(frames, { join: { animated: true } })
    .keepIccProfile()
    .withXmp(XMP)
    .webp({ lossless: true, delay: [50, 60, 70], loop: 2 })
    .toBuffer()
  return withExifChunk(bare, exif!.subarray(6))
}

/** Inserts EXIF before the XMP chunk of a WebP (Google, WebP Container Specification, "Metadata"). */
function withExifChunk(webp: Buffer, exif: Buffer): Buffer {
  const at = webp.indexOf('XMP ')
  const head = Buffer.from('EXIF\0\0\0\0', 'latin1')
  head.writeUInt32LE(exif.length, 4)
  const padding = Buffer.alloc(exif.length % 2)
  const file = Buffer.concat([webp.subarray(0, at), head, exif, padding, webp.subarray(at)])
  file.writeUInt32LE(file.length - 8, 4)
  // Sets the EXIF flag in VP8X, whose data begin at byte 20.
  file[20]! |= 0b1000
  return file
}

/** Returns the samples in the middle of each frame, without applying a profile. */
async function numbersOf(bytes: Buffer): Promise<number[][]> {
  const numbers = []
  for (const page of NUMBERS.keys()) {
    const { data, info } = await sharp(bytes, { page, ignoreIcc: true })
      .raw()
      .toBuffer({ resolveWithObject: true })
    const middle = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * info.channels
    numbers.push([...data.subarray(middle, middle + 3)])
  }
  return numbers
}

function furthest(made: number[][], wanted: readonly (readonly number[])[]): number {
  return Math.max(...made.flatMap((frame, at) => frame.map((value, k) => Math.abs(value - wanted[at]![k]!))))
}

let source: Buffer
beforeAll(async () => {
  source = await makeAnimation()
})

const WEBP: ImageOp = { format: { type: 'webp', lossless: true, effort: 0 } }

describe.each(lists)('animation after %s', (name, ops) => {
  const kept = async (metadata: OpInputs['metadata'], format = WEBP) =>
    (await make(source, [...ops, { metadata }, format])).data

  it('keeps EXIF, XMP, profile and timeline with metadata: keep, but no thumbnail', async () => {
    const data = await kept('keep')
    const { pages, delay, loop, icc: profile, xmp } = await sharp(data).metadata()
    expect({ pages, delay, loop }).toEqual({ pages: 3, delay: [50, 60, 70], loop: 2 })
    expect([profile?.equals(icc), xmp?.toString()]).toEqual([true, XMP])
    const exif = await readExif(data)
    expect(exif?.tags).toMatchObject({ Artist: 'Ada Example', Make: 'Imgproc Works' })
    expect([exif?.block.includes(POSITION), exif?.block.includes(JPEG_START)]).toEqual([true, false])
  })

  it('keeps only the listed EXIF groups', async () => {
    const exif = await readExif(await kept(['exif']))
    expect(exif?.tags).toMatchObject({ Artist: 'Ada Example', Make: 'Imgproc Works' })
    expect([exif?.block.includes(POSITION), exif?.block.includes(JPEG_START)]).toEqual([false, false])
    const copyright = await readExif(await kept('copyright'))
    expect(copyright?.tags).toMatchObject({ Artist: 'Ada Example' })
    expect(copyright?.block.includes('Imgproc')).toBe(false)
  })

  it('has no metadata by default', async () => {
    const { exif, xmp, icc: profile } = await sharp((await make(source, [...ops, WEBP])).data).metadata()
    expect([exif, xmp, profile]).toEqual([undefined, undefined, undefined])
  })

  it.skipIf(name.includes('colours'))(
    'keeps its samples with its profile, and is converted to sRGB without',
    async () => {
      expect(furthest(await numbersOf(await kept('icc')), NUMBERS)).toBeLessThan(2)
      const srgb = NUMBERS.map((numbers) => toSrgb(numbers.map((value) => value / 255)))
      expect(
        furthest(
          srgb.map((frame) => frame),
          NUMBERS,
        ),
      ).toBeGreaterThan(15)
      expect(furthest(await numbersOf((await make(source, [...ops, WEBP])).data), srgb)).toBeLessThan(2)
      // GIF stores no profile, even if it is to be kept.
      const gif = await kept('icc', { format: { type: 'gif', dither: 0 } })
      expect(furthest(await numbersOf(gif), srgb)).toBeLessThan(4)
    },
  )
})

/** Creates an animation with an EXIF orientation, and a coloured corner that shows how it was turned. */
async function makeCorners(orientation: number): Promise<Buffer> {
  const corner = (background: string, left: number, top: number) => ({
    input: { create: { width: 8, height: 8, channels: 3 as const, background } },
    left,
    top,
  })
  const frame = await sharp({ create: { width: 40, height: 24, channels: 3, background: 'white' } })
    .composite([corner('red', 0, 0), corner('blue', 32, 0)])
    .png()
    .toBuffer()
  const { exif } = await sharp(frame)
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer()
    .then((jpeg) => sharp(jpeg).metadata())
  const darker = await sharp(frame).negate().png().toBuffer()
  const bare = await sharp([frame, darker], { join: { animated: true } })
    .withXmp(XMP)
    .webp({ lossless: true, delay: [50, 60] })
    .toBuffer()
  return withExifChunk(bare, exif!.subarray(6))
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('animation with EXIF orientation %i', (orientation) => {
  it('is turned upright like a still', async () => {
    const bytes = await makeCorners(orientation)
    expect((await sharp(bytes).metadata()).orientation).toBe(orientation)
    for (const ops of [[], [{ crop: '20x24@0x0' }, { blur: 1 }]] as ImageOp[][]) {
      const { data, info } = await make(bytes, [...ops, { metadata: 'keep' }, WEBP])
      const still = await make(bytes, [...ops, { format: 'png' }])
      expect([info.width, info.height, info.pages]).toEqual([still.info.width, still.info.height, 2])
      expect((await sharp(data).metadata()).orientation ?? 1).toBe(1)
      const first = await pixelsOf(await sharp(data, { page: 0 }).png().toBuffer())
      expect(difference(first, await pixelsOf(still.data)).max).toBeLessThan(3)
    }
  })

  it('keeps stored orientation and its EXIF tag when autoOrient is false', async () => {
    const bytes = await makeCorners(orientation)
    for (const metadata of ['keep', 'strip'] as const) {
      const { data, info } = await make(bytes, [{ blur: 1 }, { autoOrient: false }, { metadata }, WEBP])
      expect([info.width, info.height]).toEqual([40, 24])
      expect((await sharp(data).metadata()).orientation ?? 1, metadata).toBe(orientation)
      const first = await pixelsOf(await sharp(data, { page: 0 }).png().toBuffer())
      expect(colourAt(first, 3, 3)).toBe('red')
    }
  })
})
