import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHeicDecoder } from '../../src/decoders/heic.js'
import { transform } from '../../src/transform.js'
import { avifs } from '../../torture/grammar/avif.js'

const PHONE = fileURLToPath(new URL('../../fixtures/photos/phone.heic', import.meta.url))

let folder: string
let phone: Buffer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imgproc-heic-'))
  phone = await readFile(PHONE)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Returns the photo with codes of ITU-T H.273 instead of its profile of Display P3. */
function withCodes(primaries: number, transfer: number): Buffer {
  const coded = Buffer.from(phone)
  const at = coded.indexOf('colrprof') + 8
  coded.write('nclx', at - 4)
  coded.writeUInt16BE(primaries, at)
  coded.writeUInt16BE(transfer, at + 2)
  coded.writeUInt16BE(6, at + 4)
  coded[at + 6] = 0x80
  return coded
}

/** Returns the mean difference to the photo with its profile, in levels of sRGB. */
async function differenceToPhone(bytes: Buffer): Promise<number> {
  const decode = async (file: Buffer) =>
    sharp((await transform(file, [{ format: 'png' }])).data)
      .raw()
      .toBuffer()
  const [actual, expected] = await Promise.all([decode(bytes), decode(phone)])
  return actual.reduce((sum, value, at) => sum + Math.abs(value - (expected[at] ?? 0)), 0) / actual.length
}

describe('the colours of a HEIC without a profile', () => {
  it('are those of its codes', async () => {
    expect(await differenceToPhone(withCodes(12, 13))).toBeLessThan(0.6)
    expect(await differenceToPhone(withCodes(1, 13))).toBeGreaterThan(1)
  })

  it('are tone-mapped for PQ', async () => {
    const { data } = await transform(withCodes(9, 16), [{ format: 'png' }])
    expect((await sharp(data).metadata()).icc).toBeUndefined()
    expect(await differenceToPhone(withCodes(9, 16))).toBeGreaterThan(10)
  })

  it('are divided by alpha if they were multiplied', async () => {
    for await (const { name, bytes } of avifs()) {
      if (name !== 'premultiplied') continue
      const pixels = '{ width: 1, height: 1, data: Uint8ClampedArray.of(100, 55, 45, 128) }'
      const module = join(folder, 'one-pixel.cjs')
      const image = `{ decode: async () => (${pixels}) }`
      await writeFile(module, `exports.all = async () => Object.assign([${image}], { dispose() {} })\n`)
      const metadata = { ...(await sharp(bytes).metadata()), width: 1, height: 1 }
      const png = await createHeicDecoder({ module }).decode(bytes, metadata, { maxPixels: 1, seconds: 60 })
      expect([...(await sharp(png).raw().toBuffer())]).toEqual([199, 110, 90, 128])
    }
  })

  it('names the reason of a failure that is an object', async () => {
    const module = join(folder, 'failing.cjs')
    await writeFile(module, `exports.all = async () => { throw { code: 4, subcode: 3001 } }\n`)
    const decoding = createHeicDecoder({ module }).decode(phone, await sharp(phone).metadata(), {
      maxPixels: 1e9,
      seconds: 60,
    })
    await expect(decoding).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
      message: 'The image is damaged: {"code":4,"subcode":3001}.',
    })
  })
})
