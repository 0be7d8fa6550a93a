import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pictureAfter } from '../../src/render/render-rendition.js'
import { operations } from '../../src/operations/parse-operations.js'
import { opOf } from '../support/inputs.js'
import { fixture, make, makePicture, open, pixelsOf, type Kind } from '../support/pictures.js'

const pixelOps = operations.filter((op) => op.kind === 'pixels')
const KINDS = ['rgb', 'rgba', 'grey', 'deep'] as const
const pictures = new Map<Kind, Buffer>()
let folder: string

/** Makes a picture of every kind, with EXIF and, in colour, a Display P3 profile. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imgproc-every-'))
  const profile = join(folder, 'p3.icc')
  await writeFile(profile, (await sharp(await fixture('photos/display-p3.jpg')).metadata()).icc ?? '')
  for (const kind of KINDS) {
    const space = { rgb: 'srgb', rgba: 'srgb', grey: 'b-w', deep: 'rgb16' }[kind]
    const plain = sharp(await makePicture(kind, 240, 160)).withExif({ IFD0: { Artist: 'Ada Example' } })
    const tagged = kind === 'grey' ? plain : plain.withIccProfile(profile)
    pictures.set(kind, await tagged.toColourspace(space).png().toBuffer())
  }
})

afterAll(() => rm(folder, { recursive: true }))

describe.each(pixelOps)('$name', ({ name, example }) => {
  const op = opOf(name, example)

  it('changes the picture', async () => {
    // trim needs a border.
    const source = await sharp(pictures.get('rgba')).extend({ left: 8, background: 'white' }).toBuffer()
    const [before, after] = [await pixelsOf(source), await pixelsOf((await make(source, [op])).data)]
    expect(Buffer.from(after.data.buffer).equals(Buffer.from(before.data.buffer))).toBe(false)
  })

  it.each(KINDS)(
    'keeps depth, alpha and metadata of a picture of kind %s, and has the predicted size',
    async (kind) => {
      const source = pictures.get(kind)!
      const { data } = await make(source, [op, { metadata: 'keep' }])
      const { width, height, icc, exif, depth, space, hasAlpha } = await sharp(data).metadata()
      expect(pictureAfter(await open(source), [op]) ?? { width, height }).toMatchObject({ width, height })
      expect(exif?.includes('Ada Example')).toBe(true)
      // A colour profile does not apply to a grey picture.
      const keepsProfile = kind !== 'grey' && space !== 'b-w' && space !== 'grey16'
      expect(icc?.equals((await sharp(source).metadata()).icc!)).toBe(keepsProfile ? true : undefined)
      expect(depth).toBe(kind === 'deep' ? 'ushort' : 'uchar')
      // Only flatten removes alpha.
      expect(hasAlpha || kind !== 'rgba').toBe(name !== 'flatten' || kind !== 'rgba')
    },
  )
})
