import { readFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../fixtures', import.meta.url))
const TABLE = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^\| `(.+?)` \| (.+?) \|/gm)].map(
  ([, file = '', reads = '']) => ({ file, reads }),
)
const READABLE = TABLE.filter(({ reads }) => reads !== 'fails')
const isHeaderOnly = (reads: string): boolean => reads.endsWith(', header only')
const FAILING = TABLE.filter(({ reads }) => reads === 'fails')

const open = (file: string, options: SharpOptions = {}): Sharp =>
  sharp(join(ROOT, file), { failOn: 'error', ...options })
const colours = (image: Sharp): Promise<Buffer> => image.toColourspace('srgb').removeAlpha().raw().toBuffer()

/** Returns the mean absolute difference of two pictures per channel, in levels of 8 bits. */
async function difference(one: Sharp, other: Sharp): Promise<number> {
  const [left, right] = await Promise.all([colours(one), colours(other)])
  expect(left.length).toBe(right.length)
  return left.reduce((sum, value, index) => sum + Math.abs(value - (right[index] ?? 0)), 0) / left.length
}

/** Returns the mean lightness of a square of 40 x 40 pixels. */
async function lightness(file: string, left: number, top: number): Promise<number> {
  const square = open(file).extract({ left, top, width: 40, height: 40 }).toColourspace('b-w')
  const pixels = await square.raw().toBuffer()
  return pixels.reduce((sum, value) => sum + value, 0) / pixels.length
}

type Value = string | number | readonly number[]
interface Directory {
  readonly entries: ReadonlyMap<number, Value>
  readonly next: number
}

/** Returns the value of an entry in a little-endian TIFF: a text, rationals, or one number. */
function readValue(tiff: Buffer, entry: number): Value {
  const [type, count] = [tiff.readUInt16LE(entry + 2), tiff.readUInt32LE(entry + 4)]
  const value = tiff.readUInt32LE(entry + 8)
  const start = type === 2 && count <= 4 ? entry + 8 : value
  if (type === 2) return tiff.toString('latin1', start, start + count - 1)
  if (type !== 5) return value
  return Array.from(
    { length: count },
    (_, index) => tiff.readUInt32LE(start + 8 * index) / tiff.readUInt32LE(start + 8 * index + 4),
  )
}

function readDirectory(tiff: Buffer, offset: number): Directory {
  const count = tiff.readUInt16LE(offset)
  const entries = new Map<number, Value>()
  for (let entry = offset + 2; entry < offset + 2 + 12 * count; entry += 12) {
    entries.set(tiff.readUInt16LE(entry), readValue(tiff, entry))
  }
  return { entries, next: tiff.readUInt32LE(offset + 2 + 12 * count) }
}

async function readExif(): Promise<{ tiff: Buffer; main: Directory; at: (tag: number) => Directory }> {
  const { exif } = await open('photos/landscape.jpg').metadata()
  const tiff = exif?.subarray(6) ?? Buffer.alloc(0)
  const main = readDirectory(tiff, tiff.readUInt32LE(4))
  return { tiff, main, at: (tag) => readDirectory(tiff, Number(main.entries.get(tag))) }
}

describe('the table in fixtures/README.md', () => {
  it('lists each fixture and no other file', async () => {
    const found = (await readdir(ROOT, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(ROOT.length + 1)
          .split(sep)
          .join('/'),
      )
    expect(TABLE.map(({ file }) => file).toSorted()).toEqual(
      found.filter((file) => file !== 'README.md').toSorted(),
    )
  })

  it('lists less than 900 KB of files', async () => {
    const sizes = await Promise.all(TABLE.map(async ({ file }) => (await stat(join(ROOT, file))).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(900_000)
  })

  it.each(READABLE)('gives the format and size of $file: $reads', async ({ file, reads }) => {
    const image = open(file, { animated: true })
    const { format, width, pageHeight, height, pages = 1 } = await image.metadata()
    const frames = pages === 1 ? '' : `, ${pages} frames`
    const [expected] = reads.split(', header only')
    expect(`${format} ${width}x${pageHeight ?? height}${frames}`).toBe(expected)
  })

  it.each(READABLE.filter(({ reads }) => !isHeaderOnly(reads)))(
    'lists $file, which sharp decodes',
    async ({ file }) => {
      expect((await open(file, { animated: true }).raw().toBuffer()).length).toBeGreaterThan(0)
    },
  )

  it.each(READABLE.filter(({ reads }) => isHeaderOnly(reads)))(
    'lists $file, whose pixels sharp cannot decode',
    async ({ file }) => {
      const bytes = await readFile(join(ROOT, file))
      await expect(sharp(bytes).raw().toBuffer()).rejects.toThrow('compression format has not been built in')
    },
  )

  it.each(FAILING)('lists $file as failing, and sharp rejects it', async ({ file }) => {
    await expect(open(file).raw().toBuffer()).rejects.toThrow(
      /unsupported image|premature end|read error|pixel limit/,
    )
  })

  it('lists no failing file in photos/ and no readable file in broken/', () => {
    expect(FAILING.filter(({ file }) => file.startsWith('photos/'))).toEqual([])
    expect(READABLE.filter(({ file }) => file.startsWith('broken/'))).toEqual([])
  })
})

describe('landscape.jpg', () => {
  it('has its sun at the top left and a dark house at the right', async () => {
    const file = 'photos/landscape.jpg'
    const [sun, sky] = [await lightness(file, 125, 100), await lightness(file, 600, 40)]
    const [house, meadow] = [await lightness(file, 510, 475), await lightness(file, 100, 475)]
    expect(sun).toBeGreaterThan(sky + 50)
    expect(house).toBeLessThan(meadow - 30)
  })

  it('is a baseline JPEG with artist, camera and date in its EXIF', async () => {
    const { main, at } = await readExif()
    const { isProgressive, orientation } = await open('photos/landscape.jpg').metadata()
    expect({ isProgressive, orientation }).toEqual({ isProgressive: false, orientation: 1 })
    expect([0x010f, 0x0110, 0x013b, 0x8298].map((tag) => main.entries.get(tag))).toEqual([
      'Imgproc Works',
      'Fixture One',
      'Ada Example',
      '(c) 2026 Ada Example',
    ])
    expect(at(0x8769).entries.get(0x9003)).toBe('2026:06:21 09:30:00')
  })

  it('has a GPS position in its EXIF', async () => {
    const place = (await readExif()).at(0x8825).entries
    expect([1, 2, 3, 4].map((tag) => place.get(tag))).toEqual(['N', [41, 53, 24.72], 'E', [12, 29, 32.28]])
  })

  it('embeds a thumbnail that is entirely magenta', async () => {
    const { tiff, main } = await readExif()
    const { entries } = readDirectory(tiff, main.next)
    const [start, length] = [Number(entries.get(0x0201)), Number(entries.get(0x0202))]
    const { channels } = await sharp(tiff.subarray(start, start + length)).stats()
    const [red, green, blue] = channels
    expect(red?.min).toBeGreaterThan(250)
    expect(green?.max).toBeLessThan(5)
    expect(blue?.min).toBeGreaterThan(250)
  })
})

describe('the orientation fixtures', () => {
  const file = (tag: number): string => `photos/orientation/Landscape_${tag}.jpg`

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('show the same upright picture for orientation %i', async (tag) => {
    expect((await open(file(tag)).metadata()).orientation).toBe(tag)
    expect(await difference(open(file(tag)).autoOrient(), open(file(1)))).toBeLessThan(1)
  })

  it.each([2, 3, 4, 5, 6, 7, 8])('store different pixels for orientation %i', async (tag) => {
    const stored = open(file(tag)).resize(240, 160, { fit: 'fill' })
    expect(await difference(stored, open(file(1)))).toBeGreaterThan(10)
  })
})

describe('fixtures/photos', () => {
  it('holds a progressive JPEG with chroma subsampling 4:2:0', async () => {
    const { isProgressive, chromaSubsampling } = await open('photos/progressive.jpg').metadata()
    expect({ isProgressive, chromaSubsampling }).toEqual({ isProgressive: true, chromaSubsampling: '4:2:0' })
  })

  it('holds a grey JPEG of one channel and a CMYK JPEG without a profile', async () => {
    const grey = await open('photos/grey.jpg').metadata()
    const cmyk = await open('photos/cmyk.jpg').metadata()
    expect([grey.space, grey.channels]).toEqual(['b-w', 1])
    expect([cmyk.space, cmyk.channels, cmyk.hasProfile]).toEqual(['cmyk', 4, false])
  })

  it('holds a Display P3 JPEG whose colours are wrong without its profile', async () => {
    const { icc } = await open('photos/display-p3.jpg').metadata()
    // The profile holds its name in UTF-16.
    expect(icc?.toString('latin1').replaceAll('\0', '')).toContain('P3')
    const ignored = open('photos/display-p3.jpg', { ignoreIcc: true })
    expect(await difference(open('photos/display-p3.jpg'), ignored)).toBeGreaterThan(5)
  })

  it('holds an AVIF', async () => {
    expect((await open('photos/photo.avif').metadata()).mediaType).toBe('image/avif')
  })

  it('holds a HEIC with its rotation in both irot and EXIF, as phones write it', async () => {
    const { compression, icc, exif = Buffer.alloc(0) } = await open('photos/phone.heic').metadata()
    expect(compression).toBe('hevc')
    expect(icc?.toString('latin1').replaceAll('\0', '')).toContain('P3')
    expect(readDirectory(exif, exif.readUInt32LE(4)).entries.get(0x0112)).toBe(6)
    expect((await readFile(join(ROOT, 'photos/phone.heic'))).includes('irot\x03')).toBe(true)
  })

  it('holds a 16-bit gradient with more steps than 8 bits allow', async () => {
    const image = open('photos/deep.png')
    expect((await image.metadata()).depth).toBe('ushort')
    const red = await image.toColourspace('rgb16').extractChannel(0).raw({ depth: 'ushort' }).toBuffer()
    const steps = new Set(Array.from({ length: red.length / 2 }, (_, index) => red.readUInt16LE(2 * index)))
    expect(steps.size).toBeGreaterThan(10_000)
  })

  it('holds flat art with a palette of six colours', async () => {
    const image = open('photos/flat-art.png')
    expect((await image.metadata()).isPalette).toBe(true)
    const pixels = (await colours(image)).toString('hex').match(/.{6}/g)
    expect(new Set(pixels).size).toBe(6)
  })

  it('holds a PNG with all 256 levels of alpha', async () => {
    expect(new Set(await open('photos/alpha.png').extractChannel(3).raw().toBuffer()).size).toBe(256)
  })

  it('holds a TIFF with a density of 60 dpi', async () => {
    expect((await open('photos/scan.tiff').metadata()).density).toBe(60)
  })

  it.each([
    { file: 'animated.gif', loop: 3, delay: [100, 200, 300, 400, 500, 600] },
    { file: 'animated.webp', loop: 0, delay: [150, 250, 350, 450, 550, 650] },
  ])('holds $file, whose frames and delays all differ', async ({ file, loop, delay }) => {
    const metadata = await open(`photos/${file}`, { animated: true }).metadata()
    expect([metadata.loop, metadata.delay]).toEqual([loop, delay])
    const frame = (page: number): Sharp => open(`photos/${file}`, { page })
    const changes = await Promise.all([1, 2, 3, 4, 5].map((page) => difference(frame(page - 1), frame(page))))
    expect(Math.min(...changes)).toBeGreaterThan(5)
  })
})

describe('fixtures/broken and fixtures/odd', () => {
  it.each(['broken/truncated.jpg', 'broken/truncated.png'])(
    'hold %s, which is cut off after a valid start',
    async (file) => {
      const { width } = await open(file).metadata()
      expect(width).toBeGreaterThan(100)
      expect((await open(file, { failOn: 'none' }).raw().toBuffer()).length).toBeGreaterThan(width)
    },
  )

  it('hold an empty file', async () => {
    expect((await stat(join(ROOT, 'broken/empty.jpg'))).size).toBe(0)
  })

  it('hold a PNG of under 200 bytes that claims 900 megapixels', async () => {
    const bytes = await readFile(join(ROOT, 'odd/bomb.png'))
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata()
    expect([width, height]).toEqual([30_000, 30_000])
    expect(bytes.length).toBeLessThan(200)
    await expect(sharp(bytes).raw().toBuffer()).rejects.toThrow('exceeds pixel limit')
  })
})
