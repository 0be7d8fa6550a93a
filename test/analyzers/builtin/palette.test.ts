import { describe, expect, it } from 'vitest'
import { palette } from '../../../src/analyzers/builtin/palette.js'
import { fixture } from '../../support/pictures.js'
import { draw, find, plain } from '../find.js'

const COLOURS = ['#c0392b', '#2980b9', '#f1c40f', '#27ae60']
const quarters = COLOURS.map(
  (fill, index) =>
    `<rect x="${(index % 2) * 300}" y="${index < 2 ? 0 : 200}" width="300" height="200" fill="${fill}"/>`,
)

describe('palette', () => {
  it('returns one colour for a picture of one colour, also as a JPEG', async () => {
    expect(await find(palette, plain('#123456'))).toEqual({
      dominant: '#123456',
      colors: [{ hex: '#123456', share: 1 }],
    })
    const { colors } = await find(palette, await plain('#808080').jpeg({ quality: 40 }).toBuffer())
    expect(colors).toEqual([{ hex: '#808080', share: 1 }])
  })

  it('returns the exact colours and shares of flat art, although it is scaled down', async () => {
    const { colors } = await find(palette, draw(quarters.join(''), 600, 400))
    expect(colors.map(({ hex }) => hex).toSorted()).toEqual(COLOURS.toSorted())
    for (const { share } of colors) expect(share).toBeCloseTo(0.25, 1)
  })

  it('returns the colour with the largest share as dominant', async () => {
    const { dominant, colors } = await find(
      palette,
      draw(
        '<rect width="90" height="60" fill="#e67e22"/><rect width="20" height="60" fill="#2c3e50"/>',
        90,
        60,
      ),
    )
    expect(dominant).toBe('#e67e22')
    expect(colors).toEqual([
      { hex: '#e67e22', share: 0.778 },
      { hex: '#2c3e50', share: 0.222 },
    ])
  })

  it('ignores transparent pixels', async () => {
    const { colors } = await find(palette, draw('<rect width="10" height="40" fill="#16a085"/>', 40, 40))
    expect(colors).toEqual([{ hex: '#16a085', share: 1 }])
    expect(await find(palette, plain('transparent'))).toEqual({ dominant: null, colors: [] })
  })

  it('returns at most six colours of a photo, sorted by share, that cover nearly all of it', async () => {
    const { dominant, colors } = await find(palette, await fixture('photos/landscape.jpg'))
    expect(colors).toHaveLength(6)
    expect(colors[0]?.hex).toBe(dominant)
    const shares = colors.map(({ share }) => share)
    expect(shares).toEqual(shares.toSorted((one, other) => other - one))
    expect(shares.reduce((sum, share) => sum + share)).toBeGreaterThan(0.97)
  })

  it('finds the small red accent of the poppies', async () => {
    const { colors } = await find(palette, await fixture('photos/cmyk.jpg'))
    const reds = colors.filter(({ hex }) => /^#[c-f].[0-3].[0-3].$/.test(hex))
    expect(reds).toHaveLength(1)
    expect(reds[0]?.share).toBeLessThan(0.1)
  })
})
