import { describe, expect, it } from 'vitest'
import { announcedSvgSize } from '../../src/image/svg-size.js'
import { transform } from '../../src/transform.js'

function sizeOf(svg: string) {
  return announcedSvgSize(Buffer.from(svg))
}

describe('the announced size of an SVG', () => {
  it('is its width and height in pixels at 72 per inch', () => {
    expect(sizeOf('<svg width="30" height=\'2e1px\'/>')).toEqual({ width: 30, height: 20 })
    expect(
      sizeOf('<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg>\n<svg height="1in" width="2.54cm">'),
    ).toEqual({ width: 72, height: 72 })
  })

  it('follows from the view box if a side is missing or relative', () => {
    expect(sizeOf('<svg viewBox="0 0 40 20" width="100%"/>')).toEqual({ width: 40, height: 20 })
    expect(sizeOf('<svg viewBox="0,0,40,20" width="10"/>')).toEqual({ width: 10, height: 5 })
    expect(sizeOf('<svg viewBox="0 0 40 20" height="10"/>')).toEqual({ width: 20, height: 10 })
  })

  it('is unknown for other files and other units', () => {
    expect(sizeOf('<html><svg width="1" height="1"/></html>')).toBeUndefined()
    expect(sizeOf('<svg width="1em" height="1"/>')).toBeUndefined()
    expect(sizeOf('<svg/>')).toBeUndefined()
    expect(sizeOf('')).toBeUndefined()
  })

  it.each([
    'width="1073741824" height="1073741824"',
    'width="200000000" height="1"',
    'viewBox="0 0 1073741824 1073741824"',
    'width="5e8cm" height="3"',
  ])('is refused with TOO_MANY_PIXELS before it is drawn: %s', async (size) => {
    const svg = Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect width="5" height="5"/></svg>`,
    )
    await expect(transform(svg, [])).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
  })
})
