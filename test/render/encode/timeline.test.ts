import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { gifs, type GeneratedAnimation } from '../../../torture/grammar/gif.js'
import { readWebpAnimation } from '../../../src/metadata/webp-frames.js'
import { make } from '../../support/pictures.js'

const sources = new Map([...gifs(0)].map((gif) => [gif.name, gif]))

async function timesOf(
  bytes: Uint8Array,
): Promise<{ delay: number[] | undefined; loop: number | undefined }> {
  const { delay, loop } = await sharp(bytes).metadata()
  return { delay, loop }
}

function sourceOf(name: string): GeneratedAnimation {
  const source = sources.get(name)
  if (source === undefined) throw new Error(`There is no generated GIF named ${name}.`)
  return source
}

async function convert(bytes: Buffer, type: 'gif' | 'webp'): Promise<Buffer> {
  return (await make(bytes, [{ resize: 10 }, { format: type }])).data
}

describe('timeline of an animation', () => {
  it.each(['delay-65540', 'delay-655350', 'loop-65534', 'loop-1', 'plays-once', 'equal-frames'])(
    'is kept from GIF to GIF and WebP, and back, for %s',
    async (name) => {
      const { bytes, expected } = sourceOf(name)
      const delay = name === 'equal-frames' ? [200, 100, 200] : [...expected.delays]
      const times = { delay, loop: expected.plays }
      const [gif, webp] = [await convert(bytes, 'gif'), await convert(bytes, 'webp')]
      expect([await timesOf(gif), await timesOf(webp)]).toEqual([times, times])
      expect(await timesOf(await convert(webp, 'webp'))).toEqual(times)
      expect(await timesOf(await convert(webp, 'gif'))).toEqual(times)
    },
  )

  it('keeps 65536 plays in GIF, and becomes 65535 in WebP, which holds no more', async () => {
    const { bytes } = sourceOf('loop-65535')
    expect((await timesOf(await convert(bytes, 'gif'))).loop).toBe(65_536)
    expect((await timesOf(await convert(bytes, 'webp'))).loop).toBe(65_535)
  })

  it('adds up the delays of equal frames in WebP, and leaves them apart in GIF if one frame cannot last as long', async () => {
    const { bytes } = sourceOf('equal-and-long')
    expect((await timesOf(await convert(bytes, 'webp'))).delay).toEqual([1_310_700, 100])
    expect((await timesOf(await convert(bytes, 'gif'))).delay).toEqual([655_350, 655_350, 100])
  })

  it('keeps the longest frame of a WebP, and shortens it to 655.35 seconds in GIF', async () => {
    const source = await convert(sourceOf('loop-1').bytes, 'webp')
    const [first] = readWebpAnimation(source)!.frames
    source.writeUIntLE(2 ** 24 - 1, first!.durationAt, 3)
    expect((await timesOf(await convert(source, 'webp'))).delay).toEqual([2 ** 24 - 1, 100])
    expect((await timesOf(await convert(source, 'gif'))).delay).toEqual([655_350, 100])
  })

  it('is kept by searches of quality, size and format', async () => {
    const { bytes, expected } = sourceOf('delay-655350')
    for (const format of [
      { type: 'webp', quality: 'auto' },
      { type: 'webp', maxBytes: '20KB' },
      { type: 'auto' },
    ] as const) {
      const { data } = await make(bytes, [{ format }])
      expect((await timesOf(data)).delay, JSON.stringify(format)).toEqual(expected.delays)
    }
  })
})
