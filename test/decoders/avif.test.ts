import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { transform } from '../../src/transform.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { announceMatrix, announceSize, avifs } from '../../torture/grammar/avif.js'

const all = new Map<string, Awaited<ReturnType<ReturnType<typeof avifs>['next']>>['value']>()

beforeAll(async () => {
  for await (const each of avifs()) all.set(each.name, each)
})

async function render(name: string, ...ops: readonly ImageOp[]): Promise<Buffer> {
  return (await transform(all.get(name)!.bytes, ops)).data
}

/** Returns the first pixel as 8-bit RGBA. */
async function firstPixel(bytes: Buffer, ignoreIcc = false): Promise<number[]> {
  const image = sharp(bytes, { ignoreIcc }).ensureAlpha().toColourspace('srgb')
  return [...(await image.raw().toBuffer()).subarray(0, 4)]
}

describe('an AVIF', () => {
  it('has the colours that a browser shows, whatever its codes, brands, alpha and turns', async () => {
    for (const { name, expected } of all.values()) {
      const actual = await firstPixel(await render(name, { format: 'png' }))
      const difference = Math.max(...actual.map((value, at) => Math.abs(value - expected[at])))
      // Those with colours in the data are not lossless.
      const tolerance = name.startsWith('AV1 data') ? 2 : 1
      expect(difference, `${name}: ${actual.join()}, not ${expected.join()}`).toBeLessThanOrEqual(tolerance)
    }
  })

  it('keeps its colours as a profile if metadata keeps it', async () => {
    const png = await render('nclx 12/13', { metadata: 'icc' }, { format: 'png' })
    expect(await firstPixel(png, true)).toEqual([200, 110, 90, 255])
    expect(await firstPixel(png)).toEqual([214, 104, 84, 255])
  })

  it('is not written back by neverGrow after its colours were corrected', async () => {
    const avif = await render('premultiplied', { format: { type: 'avif', neverGrow: true, lossless: true } })
    const { format, compression } = await sharp(avif).metadata()
    expect([format, compression]).toEqual(['heif', 'av1'])
    // The encoder multiplies and divides by alpha once more.
    expect(await firstPixel(avif)).toEqual([199, 110, 90, 128])
  })

  it('is refused for a matrix that libheif would take for another, or not know', async () => {
    const refused = async (matrix: number, isFullRange: boolean): Promise<string | undefined> =>
      transform(await announceMatrix(matrix, isFullRange), [{ format: 'png' }]).then(
        () => undefined,
        ({ code, message }) => `${code} ${/matrix \d+ of ITU-T H\.273/.exec(message)?.[0]}`,
      )
    for (let matrix = 0; matrix < 20; matrix++) {
      const isRead = [0, 1, 2, 4, 5, 6, 7, 8, 9, 12, 15].includes(matrix)
      const expected = isRead ? undefined : `UNSUPPORTED_FORMAT matrix ${matrix} of ITU-T H.273`
      expect(await refused(matrix, true), `matrix ${matrix}`).toBe(expected)
    }
    expect(await refused(8, false)).toBe('UNSUPPORTED_FORMAT matrix 8 of ITU-T H.273')
  })

  it('is refused for its announced size before libvips sees it', async () => {
    await expect(transform(await announceSize(2 ** 30), [])).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
    })
  })
})
