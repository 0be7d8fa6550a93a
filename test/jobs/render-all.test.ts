import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { failsSource, renderAll } from '../../src/jobs/render-all.js'
import { encodeRendition } from '../../src/render/render-rendition.js'
import { openImage } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import type { Rendition } from '../../src/jobs/types.js'
import { ImgprocError, toImgprocError } from '../../src/errors.js'

const picture = (width: number, height: number) => {
  const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const
  return sharp({ create: { width, height, channels: 3, background: 'black', noise } })
    .jpeg()
    .toBuffer()
}

async function open(bytes: Uint8Array) {
  return openImage(bytes, { limits: withDefaults(), failOn: 'warning' })
}

function renditions(): Rendition[] {
  return [400, 200, 100].flatMap((width) =>
    (['webp', 'jpeg'] as const).map((type): Rendition => {
      const ops = [{ resize: { width } }, { format: { type } }]
      return {
        preset: 'p',
        target: `${width}.${type}`,
        ops,
        recipe: `${width} ${type}`,
        sharedWidth: 400,
        width,
      }
    }),
  )
}

describe('renderAll', () => {
  it('returns the same bytes as for each rendition alone', async () => {
    const image = await open(await picture(1400, 900))
    const wanted = renditions()
    const encodings = renderAll(image, wanted, async (work) => work())
    expect([...encodings.keys()]).toEqual(wanted)
    for (const [rendition, encoding] of encodings) {
      const [alone] = renderAll(image, [rendition], async (work) => work()).values()
      expect((await encoding).data).toEqual((await alone!).data)
    }
  })

  it('encodes renditions in parallel without blocking a slot', async () => {
    const image = await open(await picture(1400, 900))
    let running = 0
    let most = 0
    const encodings = renderAll(image, renditions(), async (work) => {
      most = Math.max(most, ++running)
      await sleep(1)
      return work().finally(() => running--)
    })
    await Promise.all(encodings.values())
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(4)
  })

  it('finishes with a single slot', async () => {
    const image = await open(await picture(700, 500))
    let last: Promise<unknown> = Promise.resolve()
    const encodings = renderAll(image, renditions(), async (work) => {
      const done = last.then(work)
      last = done.catch(() => {})
      return done
    })
    expect(await Promise.all(encodings.values())).toHaveLength(6)
  })

  it('fails all renditions of a damaged source without decoding it for each', async () => {
    const whole = await picture(1400, 900)
    const image = await open(whole.subarray(0, whole.length / 2))
    let turns = 0
    const wanted = [...renditions(), ...renditions()].map((each) => ({ ...each }))
    const encodings = renderAll(image, wanted, async (work) => {
      turns++
      return work()
    })
    const errors = await Promise.all(
      [...encodings.values()].map(async (encoding) => encoding.catch(toImgprocError)),
    )
    for (const error of errors) expect(error).toMatchObject({ code: 'CORRUPT_IMAGE' })
    expect(turns).toBeLessThanOrEqual(8)
  })

  it('fails only the rendition with an invalid operation', async () => {
    const image = await open(await picture(300, 200))
    const [good] = renditions()
    const bad: Rendition = { ...good!, ops: [{ crop: { left: 0, top: 0, width: 900, height: 900 } }] }
    const [first, second] = renderAll(image, [bad, good!], async (work) => work()).values()
    await expect(first).rejects.toMatchObject({ code: 'INVALID_OPERATION' })
    expect((await second!).data).toEqual((await encodeRendition(image, good!.ops)).data)
    expect(failsSource(new ImgprocError('INVALID_OPERATION', 'No.', { stage: 'render' }))).toBe(false)
  })
})
