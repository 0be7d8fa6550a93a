import sharp from 'sharp'
import { thumbHashToRGBA } from 'thumbhash'
import { describe, expect, it } from 'vitest'
import { run } from '../../../src/run/run.js'
import { pictureData } from '../../../src/report/picture/picture-data.js'
import { makeProject } from '../../support/project.js'
import { manifestOf, output, withEntries } from '../manifest.js'

describe('placeholder', () => {
  it('is a PNG of less than 900 bytes that shows the ThumbHash, or the dominant colour', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg')
    const analyze = ['thumbhash', 'palette']
    const manifest = await run({ inputs: ['a.jpg'], preset: 'thumb', analyze, cwd: project.path }).manifest
    const { placeholder } = pictureData(manifest, 'a.jpg', { alt: 'A', placeholder: 'thumbhash' })
    const dataUrl = placeholder?.dataUrl ?? ''
    expect(placeholder?.background).toBe(`url(${dataUrl}) center / cover no-repeat`)
    expect(dataUrl.length).toBeLessThan(900)
    const png = Buffer.from(dataUrl.replace('data:image/png;base64,', ''), 'base64')
    const { width, height } = await sharp(png).metadata()
    // A ThumbHash holds the aspect ratio roughly.
    expect(width).toBe(16)
    expect(Math.abs(height - 12)).toBeLessThanOrEqual(1)
    const { w, h, rgba } = thumbHashToRGBA(Buffer.from(manifest.entries[0]!.analysis!.thumbhash!, 'base64'))
    const full = sharp(rgba, { raw: { width: w, height: h, channels: 4 } }).removeAlpha()
    const small = full.resize(width, height, { fit: 'fill' })
    const drawn = await sharp(png).raw().toBuffer()
    expect(differenceOf(drawn, await small.raw().toBuffer())).toBeLessThan(6)
    expect(differenceOf(drawn, await small.clone().flop().raw().toBuffer())).toBeGreaterThan(12)

    const { dominant } = manifest.entries[0]!.analysis!.palette!
    const flat = pictureData(manifest, 'a.jpg', { alt: 'A', placeholder: 'palette' })
    expect(flat.placeholder).toEqual({ color: dominant, background: dominant })
  })

  it('is left out for a picture with transparency', async () => {
    const project = await makeProject()
    await project.copy('photos/alpha.png', 'a.png')
    const options = { inputs: ['a.png'], preset: 'thumb', analyze: ['thumbhash'], cwd: project.path }
    const manifest = await run(options).manifest
    expect(pictureData(manifest, 'a.png', { alt: 'A', placeholder: 'thumbhash' }).placeholder).toBeUndefined()
  })

  it.each([
    { thumbhash: 'AA' },
    { thumbhash: 7 as never },
    { palette: { dominant: 'url(evil)', colors: [] } },
  ])('refuses a finding of a damaged manifest: %j', (analysis) => {
    const [entry] = manifestOf(output('jpeg', 10)).entries
    const manifest = withEntries({ ...entry!, analysis })
    const placeholder = 'palette' in analysis ? 'palette' : 'thumbhash'
    expect(() => pictureData(manifest, 'photos/a.jpg', { alt: 'A', placeholder })).toThrow(/Run again with/)
  })
})

/** Returns the mean difference of values. */
function differenceOf(a: Buffer, b: Buffer): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length
}
