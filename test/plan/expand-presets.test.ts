import { describe, expect, it } from 'vitest'
import type { PresetRecipe } from '../../src/plan/types.js'
import { allOps, expandPreset, placeRenditions } from '../../src/plan/expand-presets.js'

type Placement = Partial<Parameters<typeof placeRenditions>[1]>

/** Expands a preset named `wide` without operations. */
function expand(preset: Partial<PresetRecipe>) {
  return expandPreset({ name: 'wide', ops: [], ...preset }, new Map(), { failOn: 'error' })
}

/** Returns the targets of a preset for a source in `/src`, written to `/out`. */
function targetsOf(preset: Partial<PresetRecipe>, placement: Placement = {}): string[] {
  const place = { ref: '/src/a.jpg', mark: undefined, base: '/src', out: '/out', ...placement }
  return placeRenditions(expand(preset), place).map(({ target }) => target)
}

describe('expandPreset', () => {
  it('lists the narrower widths of each', () => {
    const renditions = expand({ widths: [960, 320, 640] }).map(({ rendition }) => rendition)
    expect(renditions.map(({ width, narrower }) => [width, narrower])).toEqual([
      [320, []],
      [640, [320]],
      [960, [320, 640]],
    ])
  })

  it.each<[string, Partial<PresetRecipe>, (number | undefined)[]]>([
    ['with widths only', { widths: [640, 320] }, [640, 640]],
    ['with one width', { widths: [640, 640] }, [undefined]],
    ['that turns before', { widths: [640, 320], ops: [{ rotate: 90 }] }, [undefined, undefined]],
    ['that sharpens after', { widths: [640, 320], after: [{ sharpen: 0.5 }] }, [640, 640]],
    ['that crops after', { widths: [640, 320], after: [{ crop: '1:1' }] }, [undefined, undefined]],
    ['without widths', {}, [undefined]],
  ])('lets the widths of a preset share pixels if they can: %s', (_, preset, expected) => {
    const renditions = expand(preset).map(({ rendition }) => rendition)
    expect(renditions.map(({ sharedWidth }) => sharedWidth)).toEqual(expected)
    expect(renditions.map((each) => 'sharedWidth' in each)).toEqual(
      expected.map((width) => width !== undefined),
    )
  })

  it('gives another recipe to a width that shares pixels', () => {
    const [alone] = expand({ widths: [320] })
    const [shared] = expand({ widths: [320, 640] })
    expect(alone?.rendition.recipe).not.toBe(shared?.rendition.recipe)
  })

  it('skips smaller sources only if the preset says so', () => {
    const [skipping] = expand({ skipSmaller: true })
    expect(skipping?.rendition.skipSmaller).toBe(true)
    for (const preset of [{ skipSmaller: false }, {}])
      expect(expand(preset)[0]?.rendition).not.toHaveProperty('skipSmaller')
  })

  it.each<[string, Partial<PresetRecipe>]>([
    ['{format}/a.jpeg.{ext}', {}],
    ['{format}/a.jpeg.{ext}', { ops: [{ format: 'auto' }] }],
    ['jpeg/a.jpeg.jpg', { ops: [{ format: 'jpeg' }] }],
    ['tiff/a.jpeg.tiff', { formats: ['tif'] }],
    ['webp/a.jpeg.webp', { ops: [{ format: 'png' }], formats: ['webp:quality=70'] }],
  ])('fills in "%s" what is known of the format', (target, preset) => {
    const path = '{format}/{name}.{srcext}.{ext}'
    expect(targetsOf({ path, ...preset }, { ref: '/src/a.jpeg' })).toEqual([target])
  })

  it('names the preset of an invalid operation', () => {
    expect(() => expand({ ops: [{ blur: -1 }] })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPERATION',
        message: expect.stringContaining('presets.wide') as string,
      }),
    )
  })

  it('uses all operations, before and after the width', () => {
    expect(allOps({ name: 'x', ops: [{ flip: true }], after: [{ blur: 1 }] })).toEqual([
      { flip: true },
      { blur: 1 },
    ])
    expect(allOps({ name: 'x', ops: [] })).toEqual([])
  })
})

describe('placeRenditions', () => {
  const path = '{dir}/{name}.{srcext}'

  it('adds the mark of a source to its name', () => {
    expect(targetsOf({ path }, { mark: 'b3' })).toEqual(['a-b3.jpg'])
  })

  it.each([
    ['s3://b//x/./a.jpg', 's3://b', 's3://out', '/x/./a.jpg'],
    ['s3://b//x/./a.jpg', 's3://b', '/out', 'x/a.jpg'],
    ['/src/x/a.jpg', '/src', 's3://out', 'x/a.jpg'],
    ['s3://b/a.jpg', 's3://b', 's3://out', 'a.jpg'],
  ])('keeps all parts of a key between stores of keys only: %s', (ref, base, out, target) => {
    expect(targetsOf({ path }, { ref, base, out })).toEqual([target])
  })

  it.each([
    ['/other/a.jpg', '/src'],
    ['s3://other/a.jpg', 's3://b'],
  ])('rejects a source outside the base: %s', (ref, base) => {
    expect(() => targetsOf({}, { ref, base })).toThrow(
      expect.objectContaining({
        code: 'OUTPUT_OUTSIDE_ROOT',
        stage: 'plan',
        path: ref,
        message: `${ref} is outside the base folder ${base}, so that {dir} has no value for it. Choose a base (--base) that contains every input.`,
      }),
    )
  })

  it('accepts a key that is no file name, and rejects a template that is none', () => {
    const key = { ref: 's3://b/../a.jpg', base: 's3://b', out: '/out' }
    expect(targetsOf({ path }, key)).toEqual(['../a.jpg'])
    expect(() => targetsOf({ path: '../{name}' }, key)).toThrow(
      expect.objectContaining({ code: 'OUTPUT_OUTSIDE_ROOT' }),
    )
  })
})
