import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { render, sizeAfter } from '../../src/core/render.js'
import { openImage, withDefaults, type OpenImage } from '../../src/core/source.js'
import { operations } from '../../src/ops/index.js'
import { opOf } from '../support/inputs.js'
import { fixture, makePicture, makeQuarters, pixelsOf, type Kind } from '../support/pictures.js'

const pixelOps = operations.filter((op) => op.kind === 'pixels')

/** A picture with a profile of its own and EXIF, opened so that an operation may read another. */
async function openPicture(kind: Kind): Promise<OpenImage> {
  const { icc = Buffer.alloc(0) } = await sharp(await fixture('photos/display-p3.jpg')).metadata()
  const space = { rgb: 'srgb', rgba: 'srgb', grey: 'b-w', deep: 'rgb16' }[kind]
  const plain = await makePicture(kind, 240, 160)
  const tagged = sharp(plain).toColourspace(space).withExif({ IFD0: { Artist: 'Ada Example' } })
  const bytes = kind === 'grey' ? await tagged.png().toBuffer() : await withProfile(await tagged.png().toBuffer(), icc)
  return openImage(bytes, { limits: withDefaults(), failOn: 'error', read: () => makeQuarters(20, 20) })
}

describe.each(pixelOps)('$name', ({ name, example }) => {
  const op = opOf(name, example)

  it('changes the picture', async () => {
    const image = await openPicture('rgba')
    const { data } = await render(image, [op])
    expect([...(await pixelsOf(data)).data]).not.toEqual([...(await pixelsOf(image.bytes)).data])
  })

  it.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])('makes the size that it foretells, and keeps profile and EXIF, of %s', async (kind) => {
    const image = await openPicture(kind)
    const { data } = await render(image, [op, { metadata: 'keep' }])
    const { width, height, icc, exif, depth, hasAlpha } = await sharp(data).metadata()
    expect(sizeAfter(image, [op]) ?? { width, height }).toEqual({ width, height })
    expect(exif?.includes('Ada Example')).toBe(true)
    expect(icc?.toString('hex')).toBe(image.metadata.icc?.toString('hex'))
    expect(depth).toBe(kind === 'deep' && name !== 'clahe' ? 'ushort' : 'uchar')
    if (kind === 'rgba') expect(hasAlpha).toBe(name !== 'flatten')
  })
})
