import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { makeChunk, readChunks } from '../../src/metadata/png/chunks.js'
import { transform } from '../../src/transform.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { pngs } from '../../torture/grammar/png.js'

const ALL = [...pngs()]

function find(name: string): Buffer {
  return ALL.find((each) => each.name === name)!.bytes
}

/** Returns the first pixel as 8-bit RGBA, without converting colours. */
async function firstPixel(bytes: Buffer, ignoreIcc = false): Promise<number[]> {
  const image = sharp(bytes, { ignoreIcc }).ensureAlpha().toColourspace('srgb')
  return [...(await image.raw().toBuffer()).subarray(0, 4)]
}

async function render(bytes: Buffer, ...ops: readonly ImageOp[]): Promise<Buffer> {
  return (await transform(bytes, ops)).data
}

describe('the colours of a PNG', () => {
  it.each(['grey', 'indexed', 'rgb', 'rgba', 'grey-alpha', 'PQ', 'HLG'])(
    'are those that a browser shows: %s',
    async (kind) => {
      for (const { name, bytes, expected } of ALL.filter((each) => each.name.startsWith(`${kind} `))) {
        const actual = await firstPixel(await render(bytes, { format: 'png' }))
        const [red, green, blue, alpha] = expected!
        const difference = [red, green, blue].map((value, at) =>
          alpha === 0 ? 0 : Math.abs(value - actual[at]!),
        )
        expect(Math.max(...difference), `${name}: ${actual.join()}, not ${expected!.join()}`).toBeLessThan(
          1.51,
        )
        expect(actual[3], name).toBe(alpha)
      }
    },
  )

  it('are exact in the dark of a linear grey picture', async () => {
    const raw = { width: 16, height: 1, channels: 1 } as const
    const png = await sharp(Buffer.from(Array.from({ length: 16 }, (_, at) => at)), { raw })
      .png()
      .toBuffer()
    const linear = makeChunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0]))
    const source = Buffer.concat([png.subarray(0, 33), linear, png.subarray(33)])
    const made = await sharp(await render(source, { format: 'png' }))
      .extractChannel(0)
      .raw()
      .toBuffer()
    expect([...made]).toEqual([0, 13, 22, 28, 34, 38, 42, 46, 50, 53, 56, 59, 61, 64, 66, 69])
  })

  it('become sRGB in other formats and at other sizes', async () => {
    const small = await render(
      find('rgb 8, gAMA 1'),
      { resize: 3 },
      { format: { type: 'webp', lossless: true } },
    )
    expect(await firstPixel(small)).toEqual([229, 175, 160, 255])
    const jpeg = await render(find('grey 8, gAMA 1'), { format: 'jpeg' })
    expect((await firstPixel(jpeg))[0]).toBe(188)
  })

  it('stay as they are with a profile if metadata keeps it', async () => {
    const kept = await render(find('rgb 8, cICP'), { metadata: 'icc' }, { format: 'png' })
    expect(await firstPixel(kept, true)).toEqual([200, 110, 90, 255])
    expect(await firstPixel(kept)).toEqual([214, 104, 84, 255])
    const grey = await render(find('grey 8, gAMA 1'), { metadata: 'icc' }, { format: 'png' })
    expect((await firstPixel(grey, true))[0]).toBe(128)
    expect((await firstPixel(grey))[0]).toBe(188)
  })

  it('stay coded as well if metadata keeps the profile, in a PNG', async () => {
    const source = find('rgb 8, cICP')
    const codes = readChunks(source)?.get('cICP')
    const kept = await render(source, { metadata: 'icc' }, { format: 'png' })
    expect(codes).toBeDefined()
    expect(readChunks(kept)?.get('cICP')).toEqual(codes)
    expect(readChunks(await render(source, { format: 'png' }))?.has('cICP')).toBe(false)
    expect(readChunks(await render(kept, { metadata: 'icc' }, { format: 'png' }))?.get('cICP')).toEqual(codes)
    const gamma = await render(find('rgb 8, gAMA 1'), { metadata: 'icc' }, { format: 'png' })
    expect(readChunks(gamma)?.has('cICP')).toBe(false)
  })

  it('keep 16 bits', async () => {
    const deep = await render(find('rgb 16, gAMA 1'), { format: 'png' })
    expect((await sharp(deep).metadata()).depth).toBe('ushort')
  })

  it('are not written back by neverGrow', async () => {
    const png = await render(find('indexed 1, gAMA 1'), { format: { type: 'png', neverGrow: true } })
    expect(await firstPixel(png)).toEqual([229, 175, 160, 255])
  })

  it('need no profile if gAMA is about that of sRGB', async () => {
    const kept = await render(find('rgb 8, gAMA 0.45455'), { metadata: 'icc' }, { format: 'png' })
    expect((await sharp(kept).metadata()).icc).toBeUndefined()
  })
})
