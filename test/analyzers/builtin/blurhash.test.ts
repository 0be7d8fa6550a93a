import { decode, isBlurhashValid } from 'blurhash'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { blurhash } from '../../../src/analyzers/builtin/blurhash.js'
import { difference, fixture, pixelsOf } from '../../support/pictures.js'
import { find, plain } from '../find.js'

/** Returns the components encoded in the first character of a hash. */
function componentsOf(hash: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~'
  const flag = digits.indexOf(hash.charAt(0))
  return `${(flag % 9) + 1}x${Math.floor(flag / 9) + 1}`
}

describe('blurhash', () => {
  it.each([
    'photos/landscape.jpg',
    'photos/portrait.webp',
    'photos/grey.jpg',
    'photos/orientation/Landscape_6.jpg',
  ])('decodes to a blurred, upright version of %s', async (file) => {
    const bytes = await fixture(file)
    const raw = { width: 32, height: 32, channels: 4 } as const
    const shown = sharp(decode(await find(blurhash, bytes), 32, 32), { raw })
    const decoded = await pixelsOf(await shown.png().toBuffer())
    const small = sharp(bytes, { autoOrient: true }).resize(32, 32, { fit: 'fill' }).blur(4)
    const blurred = await small.png().toBuffer()
    const right = difference(decoded, await pixelsOf(blurred)).mean
    const turned = await sharp(blurred).rotate(180).png().toBuffer()
    expect(right).toBeLessThan(14)
    expect(right).toBeLessThan(difference(decoded, await pixelsOf(turned)).mean * 0.8)
  })

  it.each([
    [400, 300, '4x3'],
    [300, 400, '3x4'],
    [200, 200, '4x4'],
    [160, 90, '4x2'],
    [500, 10, '4x1'],
    [10, 500, '1x4'],
  ])('has components for %ix%i: %s', async (width, height, components) => {
    const hash = await find(blurhash, plain('#336699', width, height))
    expect(isBlurhashValid(hash).result).toBe(true)
    expect(componentsOf(hash)).toBe(components)
  })

  it('flattens transparency on white', async () => {
    expect([...decode(await find(blurhash, plain('transparent')), 1, 1)]).toEqual([255, 255, 255, 255])
  })
})
