import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/analyzers/run-analyzers.js'
import type { Analyzer } from '../../src/analyzers/types.js'
import { renderRendition } from '../../src/render/render-rendition.js'
import { ImgprocError } from '../../src/errors.js'
import { fixture, makePicture, open, pixelsOf } from '../support/pictures.js'

const picture = await open(await makePicture('rgb', 600, 400))

function analyzer<F>(name: string, analyze: Analyzer<F>['analyze']): Analyzer<F> {
  return { name, summary: 'A test.', analyze }
}

/** Returns the finding, or error message, of an analyzer that returns the value. */
async function finding(value: unknown) {
  const { analysis, errors } = await analyze(picture, [analyzer('it', () => value)])
  return { value: analysis['it'], message: errors[0]?.error.message }
}

describe('analyze', () => {
  it('stores findings by analyzer name', async () => {
    const width = analyzer(
      'width',
      async (image) => (await image.toBuffer({ resolveWithObject: true })).info.width,
    )
    const half = analyzer('half', (_image, context) => ({
      width: context.width / 2,
      tags: ['a', null, true],
    }))
    expect(await analyze(picture, [width, half])).toEqual({
      analysis: { width: 600, half: { width: 300, tags: ['a', null, true] } },
      errors: [],
    })
  })

  it('reports an analyzer that throws by name, and keeps the findings of others', async () => {
    const broken = analyzer('faces', () => {
      throw new Error('The model is not there.')
    })
    const { analysis, errors } = await analyze(picture, [broken, analyzer('fine', () => 1)])
    expect(analysis).toEqual({ fine: 1 })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({
      name: 'faces',
      error: {
        code: 'INTERNAL',
        message: 'The analyzer "faces" failed: The model is not there.',
        retryable: false,
      },
    })
  })

  it('keeps the code, stage and retryable flag of an error', async () => {
    const remote = analyzer('remote', async () => {
      throw new ImgprocError('READ_FAILED', 'The service is busy.', { stage: 'read' })
    })
    const { errors } = await analyze(picture, [remote])
    expect(errors[0]?.error).toMatchObject({ code: 'READ_FAILED', stage: 'read', retryable: true })
    expect(errors[0]?.error.message).toBe('The analyzer "remote" failed: The service is busy.')
  })

  it.each(['broken/truncated.jpg', 'broken/truncated.png'])(
    'reports the damage of %s instead of the analyzer',
    async (file) => {
      const image = await open(await fixture(file))
      const stats = analyzer('stats', (image) => image.raw().toBuffer())
      const header = analyzer('header', (_image, { metadata }) => metadata.format)
      const { analysis, errors } = await analyze(image, [stats, header])
      expect(Object.keys(analysis)).toEqual(['header'])
      expect(errors).toHaveLength(1)
      expect(errors[0]?.error).toMatchObject({ code: 'CORRUPT_IMAGE', stage: 'decode' })
    },
  )

  it.each<[string, unknown]>([
    ['the result is undefined', undefined],
    ['the result is NaN', Number.NaN],
    ['the result is a bigint', 10n],
    ['the result.faces[1].box is Infinity', { faces: [{ box: 1 }, { box: Infinity }] }],
    ['the result[0] is undefined', [undefined]],
    ['the result[1] is undefined', Object.assign([1], { 2: 3 })],
    ['the result.when is a Date', { when: new Date() }],
    ['the result is a Map', new Map()],
    ['the result.hash is a Buffer', { hash: Buffer.from('abc') }],
    ['the result.find is a function', { find: () => 1 }],
  ])('rejects values that JSON cannot hold: %s', async (problem, value) => {
    const { message } = await finding(value)
    expect(message).toContain(`The analyzer "it" failed: ${problem}, which JSON can't hold`)
  })

  it('rejects circular objects, and accepts repeated ones', async () => {
    const point = { x: 1 }
    expect((await finding({ from: point, to: point })).value).toEqual({ from: { x: 1 }, to: { x: 1 } })
    const loop: Record<string, unknown> = {}
    loop['self'] = { loop }
    expect((await finding(loop)).message).toContain('the result.self.loop is an object that holds itself')
  })

  it('drops undefined keys, and copies the returned object', async () => {
    const returned = { lens: undefined, faces: [1] }
    const { value } = await finding(returned)
    returned.faces.push(2)
    expect(value).toEqual({ faces: [1] })
    expect(value).not.toHaveProperty('lens')
  })
})

describe('input of an analyzer', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is upright (orientation %i)', async (orientation) => {
    const image = await open(await fixture(`photos/orientation/Landscape_${orientation}.jpg`))
    const sizes = analyzer('sizes', async (image, { width, height, preview }) => {
      const whole = await image.raw().toBuffer({ resolveWithObject: true })
      const small = await (await preview()).metadata()
      return [whole.info.width, whole.info.height, width, height, small.width, small.height]
    })
    expect((await analyze(image, [sizes])).analysis).toEqual({ sizes: [240, 160, 240, 160, 240, 160] })
  })

  const create = { width: 300, height: 30, channels: 3, background: { r: 200, g: 80, b: 40 } } as const
  it.each([
    ['8 bits', sharp({ create }).png()],
    ['16 bits', sharp({ create }).toColourspace('rgb16').png()],
    ['16 bits with a profile', sharp({ create }).toColourspace('rgb16').withIccProfile('srgb').png()],
    ['Display P3', sharp({ create }).withIccProfile('p3').png()],
    ['CMYK', sharp({ create }).toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 100 })],
  ])('has the sRGB colours of an output (%s)', async (_what, source) => {
    const image = await open(await source.toBuffer())
    const pixels = analyzer('pixels', async (image, { preview }) => {
      const [whole, small] = await Promise.all([image.raw().toBuffer(), (await preview()).raw().toBuffer()])
      return { whole: [...whole.subarray(0, 3)], small: [...small.subarray(0, 3)] }
    })
    const { data } = await renderRendition(image, [{ format: 'png' }])
    const output = [...(await pixelsOf(data)).data.subarray(0, 3)].map((value) => expect.closeTo(value, -0.5))
    expect((await analyze(image, [pixels])).analysis).toEqual({ pixels: { whole: output, small: output } })
  })

  it('includes a new preview at each call, within 256x256 pixels and with statistics of its own', async () => {
    const previews = analyzer('previews', async (_image, { preview }) => {
      const squeezed = await (
        await preview()
      )
        .resize(10)
        .toFormat('png')
        .toBuffer({ resolveWithObject: true })
      const { width, height } = await (await preview()).metadata()
      const { channels } = await (await preview()).stats()
      return { squeezed: squeezed.info.width, width, height, pixels: channels[0]!.sum / channels[0]!.mean }
    })
    expect((await analyze(picture, [previews])).analysis['previews']).toEqual({
      squeezed: 10,
      width: 256,
      height: 171,
      pixels: expect.closeTo(256 * 171, 3),
    })
  })

  it('is the first frame of an animation', async () => {
    const image = await open(await fixture('photos/animated.gif'))
    const size = analyzer('size', async (image, { width, height }) => {
      const { info } = await image.png().toBuffer({ resolveWithObject: true })
      return [width, height, info.width, info.height]
    })
    expect((await analyze(image, [size])).analysis).toEqual({ size: [120, 90, 120, 90] })
  })
})
