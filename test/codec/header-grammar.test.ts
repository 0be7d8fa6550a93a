import { beforeAll, describe, expect, it } from 'vitest'
import { openImage, type OpenOptions } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import { renderRendition } from '../../src/render/render-rendition.js'
import { jpegs } from '../../torture/grammar/jpeg.js'
import { decodesLikeSharp, startFastCodec } from '../support/fast-codec.js'

const OPTIONS: OpenOptions = { limits: withDefaults(), failOn: 'error' }
let fastCodec: Awaited<ReturnType<typeof startFastCodec>>
beforeAll(async () => {
  fastCodec = await startFastCodec()
})

/** Returns the JPEG of a thumbnail, or the code of the error. */
async function makeThumbnail(bytes: Buffer, width: number, options: OpenOptions): Promise<string> {
  const image = await openImage(bytes, options)
  const { data } = await renderRendition(image, [{ resize: width }, { format: 'jpeg' }])
  return data.toString('base64')
}

async function codeOf(error: unknown): Promise<string> {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

describe('JPEG decoder', () => {
  it('decodes generated files at 1/8 as libjpeg does, or leaves them to it', async () => {
    let decoded = 0
    for (const { name, bytes, expected } of jpegs()) {
      if (expected !== 'picture') continue
      const isDecoded = await decodesLikeSharp(fastCodec, bytes).catch((error: unknown) => {
        throw new Error(name, { cause: error })
      })
      if (isDecoded) decoded++
    }
    // If too few files take the fast path, the comparison says nothing.
    expect(decoded).toBeGreaterThan(80)
  })

  it('makes the same thumbnails of generated files as sharp', async () => {
    let index = 0
    for (const { name, bytes } of jpegs()) {
      if (index++ % 3 > 0) continue
      const width = [11, 40, 11, 70][index % 4]!
      const [fast, slow] = await Promise.all(
        [{ ...OPTIONS, fastCodec }, OPTIONS].map((options) =>
          makeThumbnail(bytes, width, options).catch(codeOf),
        ),
      )
      expect(fast, name).toBe(slow)
    }
  })
})
