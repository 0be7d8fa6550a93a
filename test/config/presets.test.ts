import { readdir } from 'node:fs/promises'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineConfig } from '../../src/config/define-config.js'
import {
  listPresets,
  presetNames,
  resolvePreset,
  shippedPresets,
  type FormatInput,
  type PresetSource,
} from '../../src/config/presets.js'
import { parseConfig } from '../../src/config/validate-config.js'

const FOLDER = new URL('../../presets/', import.meta.url)
const shippedNames = ['avatar', 'placeholder', 'responsive', 'social', 'thumb', 'web']

describe('the shipped presets', () => {
  it('are the files of the folder, none forgotten', async () => {
    const files = await readdir(FOLDER)
    expect(files.toSorted()).toEqual(shippedNames.map((name) => `${name}.json`))
    expect([...shippedPresets().keys()]).toEqual(shippedNames)
  })

  it.each(shippedNames)('are valid: %s', (name) => {
    const content = shippedPresets().get(name)
    // As a user's own preset, it has to pass the checks that a user's has to.
    expect(parseConfig({ presets: { [name]: content } })).toEqual({ presets: { [name]: content } })
  })

  it('make what the docs say', () => {
    expect(shippedNames.map((name) => resolvePreset(name, {}))).toEqual([
      {
        name: 'avatar',
        ops: [
          { thumbnail: { width: 256, height: 256, fit: 'cover', position: 'attention' } },
          { format: 'webp:quality=80' },
        ],
      },
      {
        name: 'placeholder',
        analyze: ['thumbhash'],
        ops: [{ thumbnail: '24x24' }, { format: 'webp:quality=30' }],
      },
      { name: 'responsive', ops: [], widths: [320, 640, 960, 1280, 1920], formats: ['avif', 'webp', 'jpeg'] },
      {
        name: 'social',
        ops: [
          { thumbnail: { width: 1200, height: 630, fit: 'cover', position: 'attention' } },
          { format: 'jpeg:quality=85' },
        ],
      },
      { name: 'thumb', ops: [{ thumbnail: '100x100' }] },
      { name: 'web', ops: [{ thumbnail: '1920x1920' }, { format: 'webp:quality=80' }] },
    ])
  })
})

describe('resolvePreset', () => {
  it('takes a user preset before the shipped one of its name', () => {
    const config = parseConfig({ presets: { thumb: { ops: [{ thumbnail: 50 }] } } })
    expect(resolvePreset('thumb', config)).toEqual({ name: 'thumb', ops: [{ thumbnail: 50 }] })
  })

  it('merges key by key what it extends, through a chain, and the child wins', () => {
    const config = parseConfig({
      presets: {
        card: { extends: 'base', widths: [100, 200], path: '{name}.{ext}' },
        base: { extends: 'responsive', after: [{ sharpen: 1 }], path: '{dir}.{ext}', skipSmaller: true },
      },
    })
    expect(resolvePreset('card', config)).toEqual({
      name: 'card',
      ops: [],
      widths: [100, 200],
      formats: ['avif', 'webp', 'jpeg'],
      after: [{ sharpen: 1 }],
      path: '{name}.{ext}',
      skipSmaller: true,
    })
  })

  it('extends the shipped preset of its own name', () => {
    const config = parseConfig({ presets: { web: { extends: 'web', skipSmaller: true } } })
    expect(resolvePreset('web', config)).toEqual({ ...resolvePreset('web', {}), skipSmaller: true })
  })

  it("extends the user's preset that extends the shipped one of its own name", () => {
    const config = parseConfig({
      presets: {
        card: { extends: 'thumb', skipSmaller: true },
        thumb: { extends: 'thumb', path: '{name}.{ext}' },
      },
    })
    expect(resolvePreset('card', config)).toEqual({
      name: 'card',
      ops: [{ thumbnail: '100x100' }],
      path: '{name}.{ext}',
      skipSmaller: true,
    })
  })

  it('lets a child take renditions away by an empty list', () => {
    const config = parseConfig({ presets: { card: { extends: 'responsive', widths: [], formats: [] } } })
    expect(resolvePreset('card', config)).toEqual({ name: 'card', ops: [] })
  })

  it('does not take a key that is undefined for one that is set', () => {
    const config = parseConfig({ presets: { card: { extends: 'thumb', ops: undefined } } })
    expect(resolvePreset('card', config).ops).toEqual([{ thumbnail: '100x100' }])
  })

  it('refuses an unknown name with the nearest one and all that there are', () => {
    const resolve = () => resolvePreset('tumb', { presets: { card: {} } })
    expect(resolve).toThrow(expect.objectContaining({ code: 'UNKNOWN_PRESET', stage: 'config' }))
    expect(resolve).toThrow(
      'There is no preset "tumb". Did you mean "thumb"? ' +
        'There are avatar, card, placeholder, responsive, social, thumb, web.',
    )
  })

  it.each(['toString', 'constructor', '__proto__', ''])('knows no preset %j', (name) => {
    expect(() => resolvePreset(name, { presets: {} })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PRESET' }),
    )
  })

  it('refuses an unvalidated preset with a wrong operation or format', () => {
    const config: PresetSource = { presets: { a: { ops: [{ thumbnial: 1 }] }, b: { formats: ['wepb'] } } }
    expect(() => resolvePreset('a', config)).toThrow(
      'presets.a.ops[0]: There is no operation "thumbnial". Did you mean "thumbnail"?',
    )
    expect(() => resolvePreset('b', config)).toThrow(expect.objectContaining({ code: 'INVALID_OPERATION' }))
  })
})

describe('listPresets', () => {
  it('says of every preset, sorted by name, where it comes from', () => {
    const config = parseConfig({ presets: { card: { extends: 'thumb' }, thumb: {} } })
    const listing = listPresets(config)
    expect(listing.map(({ preset, origin }) => `${preset.name} ${origin}`)).toEqual([
      'avatar shipped',
      'card config',
      'placeholder shipped',
      'responsive shipped',
      'social shipped',
      'thumb config',
      'web shipped',
    ])
    expect(presetNames(config)).toEqual([
      'card',
      'thumb',
      'avatar',
      'placeholder',
      'responsive',
      'social',
      'web',
    ])
  })
})

describe('the types', () => {
  it('hold what a config may say', () => {
    const config = defineConfig({
      out: 'img',
      presets: { card: { ops: [{ thumbnail: '400x300' }], formats: ['webp'] } },
      batches: [{ inputs: ['photos/**'], presets: ['card'] }],
    })
    expect(parseConfig(config)).toEqual(config)
    // @ts-expect-error: the key is `widths`
    defineConfig({ presets: { card: { width: [100] } } })
    // @ts-expect-error: `manifest` is a file name or false
    defineConfig({ manifest: true })
  })

  it('give formats as the format operation takes them', () => {
    expectTypeOf<'webp'>().toExtend<FormatInput>()
    expectTypeOf<{ type: 'avif'; quality: 50 }>().toExtend<FormatInput>()
    expectTypeOf<'wepb'>().not.toExtend<FormatInput>()
    expectTypeOf<undefined>().not.toExtend<FormatInput>()
  })
})
