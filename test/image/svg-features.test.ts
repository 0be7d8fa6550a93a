import { describe, expect, it } from 'vitest'
import { make } from '../support/pictures.js'

const svg = (body: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${body}</svg>`)
const rect = '<rect width="10" height="10"/>'

describe('an SVG with a feature that its renderer does not draw', () => {
  it.each([
    ['CSS variables', `<style>:root{--c:lime} rect{fill:var(--c)}</style>${rect}`],
    ['nested CSS rules', `<style>/* a */ g{ rect{fill:lime} }</style><g>${rect}</g>`],
    ['colour functions', '<rect width="10" height="10" fill="oklch(0.8 0.2 140)"/>'],
    ['colour functions', '<rect width="10" height="10" style="fill:color-mix(in srgb, red, lime)"/>'],
    ['@media', `<style>@media all { rect { fill: lime } }</style>${rect}`],
    [':is()', `<style>:is(rect){fill:lime}</style>${rect}`],
    ['calc()', '<rect style="width:calc(1px + 2px)" height="10"/>'],
    ['foreignObject', '<foreignObject width="10" height="10"/>'],
  ])('is drawn with a warning: %s', async (name, body) => {
    const { info } = await make(svg(body), [{ format: 'png' }])
    expect(info.warnings).toEqual([expect.stringContaining(name)])
  })

  it.each([
    ['a variable with a fallback only', `<style>rect{fill:var(--c, lime)}</style>${rect}`],
    [
      'colours that are drawn',
      '<rect width="10" height="10" fill="hsl(120 100% 50%)" color="rgb(0 0 0 / 50%)"/>',
    ],
    ['several rules', `<style>rect{fill:lime} g{fill:red}</style>${rect}`],
    ['text about it', '<text>calc a color and lab</text>'],
  ])('is not found in %s', async (_, body) => {
    expect((await make(svg(body), [{ format: 'png' }])).info.warnings).toBeUndefined()
  })
})
