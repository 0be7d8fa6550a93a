import { execFileSync } from 'node:child_process'
import { writeFile, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { run, transform } from '../../src/index.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { makeProject } from '../support/project.js'
import { pixelsOf } from '../support/pictures.js'

const hasExifTool = (() => {
  try {
    execFileSync('exiftool', ['-ver'])
    return true
  } catch {
    return false
  }
})()

/** Returns a black PNG with a white dot of 5x5 pixels around a point. */
async function makeDot(width: number, height: number, x: number, y: number): Promise<Buffer> {
  const dot = sharp({ create: { width: 5, height: 5, channels: 3, background: 'white' } }).png()
  const clamp = (value: number, max: number) => Math.max(0, Math.min(max, Math.round(value - 2.5)))
  return sharp({ create: { width, height, channels: 3, background: 'black' } })
    .composite([{ input: await dot.toBuffer(), left: clamp(x, width - 5), top: clamp(y, height - 5) }])
    .png()
    .toBuffer()
}

/** Returns the middle of the bright pixels. */
async function findDot(bytes: Uint8Array): Promise<{ x: number; y: number } | undefined> {
  const { data, width, height } = await pixelsOf(bytes)
  let [sum, x, y] = [0, 0, 0]
  for (let at = 0; at < width * height; at++) {
    const value = data[4 * at]!
    if (value < 96) continue
    sum += value
    x += value * ((at % width) + 0.5)
    y += value * (Math.floor(at / width) + 0.5)
  }
  return sum === 0 ? undefined : { x: x / sum, y: y / sum }
}

/** XMP of a face around a point. */
function faceAt(x: number, y: number, w = 0.1, h = 0.1): string {
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:m="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:a="http://ns.adobe.com/xmp/sType/Area#"><m:Regions rdf:parseType="Resource"><m:RegionList><rdf:Bag><rdf:li><rdf:Description m:Type="Face"><m:Area a:x="${x}" a:y="${y}" a:w="${w}" a:h="${h}" a:unit="normalized"/></rdf:Description></rdf:li></rdf:Bag></m:RegionList></m:Regions></rdf:Description></rdf:RDF></x:xmpmeta>`
}

const fraction = fc.integer({ min: 5, max: 95 }).map((value) => value / 100)

describe('a crop to a focal point', () => {
  it('holds the point as near to its middle as the borders allow, in crop, thumbnail and resize', async () => {
    const side = fc.integer({ min: 40, max: 160 })
    await fc.assert(
      fc.asyncProperty(side, side, fraction, fraction, async (width, height, x, y) => {
        const source = await makeDot(300, 200, 300 * x, 200 * y)
        const position = `${x * 100}%x${y * 100}%` as const
        const factor = Math.max(width / 300, height / 200)
        const lists: readonly (readonly [ImageOp, number])[] = [
          [{ crop: { width, height, position } }, 1],
          [{ thumbnail: { width, height, fit: 'cover', position } }, factor],
          [{ resize: { width, height, fit: 'cover', position } }, factor],
        ]
        for (const [op, scale] of lists) {
          const { data, info } = await transform(source, [op, { format: 'png' }])
          expect([info.width, info.height]).toEqual([width, height])
          const dot = await findDot(data)
          const [w, h] = [300 * scale, 200 * scale]
          const expected = (at: number, size: number, whole: number) => {
            const offset = Math.max(0, Math.min(whole - size, at * whole - size / 2))
            return at * whole - offset
          }
          expect(Math.abs((dot?.x ?? NaN) - expected(x, width, w))).toBeLessThan(1.6)
          expect(Math.abs((dot?.y ?? NaN) - expected(y, height, h))).toBeLessThan(1.6)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('takes a region as text and as an object', async () => {
    const source = await makeDot(300, 200, 240, 40)
    const crop = (position: '10%x10%@75%x15%' | { left: '75%'; top: '15%'; width: '10%'; height: '10%' }) =>
      transform(source, [{ crop: { aspect: 1, position } }, { format: 'png' }])
    const [text, sides] = [
      await crop('10%x10%@75%x15%'),
      await crop({ left: '75%', top: '15%', width: '10%', height: '10%' }),
    ]
    expect(text.data.equals(sides.data)).toBe(true)
    expect(await findDot(text.data)).toBeDefined()
  })
})

describe('position metadata', () => {
  it.each([
    [[]],
    [[{ flop: true }]],
    [[{ flip: true }]],
    [[{ rotate: 90 }]],
    [[{ rotate: 180 }]],
    [[{ rotate: 270 }]],
    [[{ pad: { left: 50, top: 20, background: 'black' } }]],
    [[{ crop: { width: 200, height: 150, left: 90, top: 5 } }]],
    [[{ crop: { width: '80%', height: '90%', position: 'metadata' } }]],
    [[{ thumbnail: { width: 150, height: 150, fit: 'cover', position: 'east' } }]],
    [[{ resize: { width: 200, height: 200, fit: 'contain', background: 'black' } }]],
    [[{ thumbnail: 150 }, { rotate: -90 }, { pad: 10 }]],
  ] as const)('follows the region through %j', async (before) => {
    const source = await sharp(await makeDot(300, 200, 225, 60))
      .withXmp(faceAt(0.75, 0.3))
      .png()
      .toBuffer()
    const { data } = await transform(source, [
      ...before,
      { crop: { width: 40, height: 40, position: 'metadata' } },
      { format: 'png' },
    ])
    const dot = await findDot(data)
    expect(Math.abs((dot?.x ?? NaN) - 20)).toBeLessThan(2)
    expect(Math.abs((dot?.y ?? NaN) - 20)).toBeLessThan(2)
  })

  it('crops in the middle if the source marks no region', async () => {
    const source = await makeDot(300, 200, 150, 100)
    const { data } = await transform(source, [{ crop: { width: 20, height: 20, position: 'metadata' } }])
    expect((await findDot(data))?.x).toBeCloseTo(10.5, 0)
  })

  it.each([{ trim: true }, { rotate: 10 }, { crop: { aspect: 1, position: 'attention' } }] as const)(
    'is refused after %j',
    async (before) => {
      const source = await sharp(await makeDot(300, 200, 225, 60))
        .withXmp(faceAt(0.75, 0.3))
        .toBuffer()
      await expect(
        transform(source, [before, { crop: { aspect: 2, position: 'metadata' } }]),
      ).rejects.toMatchObject({
        code: 'INVALID_OPERATION',
        message: expect.stringContaining('Put crop before'),
      })
    },
  )

  it('keeps the region in every width of a preset, with shared pixels or without', async () => {
    const project = await makeProject()
    const source = await sharp(await makeDot(1200, 800, 1000, 200))
      .withXmp(faceAt(1000 / 1200, 0.25))
      .jpeg({ quality: 95 })
      .toBuffer()
    await project.write('photo.jpg', source)
    await run({
      cwd: project.path,
      inputs: ['photo.jpg'],
      out: 'out',
      presets: {
        card: {
          ops: [{ crop: { aspect: '1:2', position: 'metadata' } }],
          widths: [160, 240, 400],
          formats: ['png', 'jpeg'],
          path: '{name}-{width}.{ext}',
        },
      },
      preset: 'card',
    })
    for (const width of [160, 240, 400]) {
      for (const extension of ['png', 'jpg']) {
        const dot = await findDot(await readFile(project.at(`out/photo-${width}.${extension}`)))
        expect(Math.abs((dot?.x ?? NaN) / width - 0.5)).toBeLessThan(0.03)
        expect(Math.abs((dot?.y ?? NaN) / (2 * width) - 0.25)).toBeLessThan(0.03)
      }
    }
  })

  it.runIf(hasExifTool)('reads regions that ExifTool wrote, on a picture turned by EXIF', async () => {
    const project = await makeProject()
    const upright = await makeDot(200, 300, 150, 60)
    // Stored as a camera held upright stores it: turned by 270 degrees, and orientation 6 turns it back.
    await writeFile(project.at('a.jpg'), await sharp(upright).rotate(270).jpeg({ quality: 95 }).toBuffer())
    // The middle of the dot in the stored picture of 300x200: (60, 50).
    const region =
      '{AppliedToDimensions={W=300,H=200,Unit=pixel},RegionList=[{Area={X=0.2,Y=0.25,W=0.1,H=0.1,Unit=normalized},Type=Face,Name=Ann}]}'
    execFileSync('exiftool', [
      '-overwrite_original', '-n', '-Orientation=6', `-XMP-mwg-rs:RegionInfo=${region}`, project.at('a.jpg'),
    ]) // prettier-ignore
    const { data } = await transform(project.at('a.jpg'), [
      { crop: { width: 60, height: 60, position: 'metadata' } },
      { format: 'png' },
    ])
    const dot = await findDot(data)
    expect(Math.abs((dot?.x ?? NaN) - 30)).toBeLessThan(2)
    expect(Math.abs((dot?.y ?? NaN) - 30)).toBeLessThan(2)
  })
})
