import { readdir } from 'node:fs/promises'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineConfig } from '../../src/config/define-config.js'
import {
  listPresets,
  presetNames,
  resolvePreset,
  shippedNames,
  shippedPreset,
  type FormatInput,
  type PresetSource,
} from '../../src/config/presets.js'
import { parseConfig } from '../../src/config/validate-config.js'

const FOLDER = new URL('../../presets/', import.meta.url)
const NAMES = ['avatar', 'placeholder', 'responsive', 'social', 'thumb', 'web']

describe('shipped presets', () => {
  it('are all files of the folder', async () => {
    const files = await readdir(FOLDER)
    expect(files.toSorted()).toEqual(NAMES.map((name) => `${name}.json`))
    expect(shippedNames()).toEqual(NAMES)
  })

  it.each(NAMES)('are valid configs: %s', (name) => {
    const content = shippedPreset(name)
    // Shipped presets must pass the same checks as presets of users.
    expect(parseConfig({ presets: { [name]: content } })).toEqual({ presets: { [name]: content } })
  })

  it('resolve to the documented recipes', () => {
    expect(NAMES.map((name) => resolvePreset(name, {}))).toEqual([
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
  it('prefers a preset of the config to the shipped one of that name', () => {
    const config = parseConfig({ presets: { thumb: { ops: [{ thumbnail: 50 }] } } })
    expect(resolvePreset('thumb', config)).toEqual({ name: 'thumb', ops: [{ thumbnail: 50 }] })
  })

  it('merges a chain of presets key by key, preferring the child', () => {
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

  it('merges a list of presets in order: later ones win, and the preset itself over all', () => {
    const config = parseConfig({
      presets: {
        card: { extends: ['small', 'sharp'], path: '{name}.{ext}' },
        small: { extends: 'thumb', widths: [100], skipSmaller: true, path: 'small.{ext}' },
        sharp: { extends: ['thumb'], widths: [200], after: [{ sharpen: 1 }] },
      },
    })
    expect(resolvePreset('card', config)).toEqual({
      name: 'card',
      ops: [{ thumbnail: '100x100' }],
      widths: [200],
      after: [{ sharpen: 1 }],
      path: '{name}.{ext}',
      skipSmaller: true,
    })
  })

  it('lets a preset extend the shipped one of its own name', () => {
    const config = parseConfig({ presets: { web: { extends: 'web', skipSmaller: true } } })
    expect(resolvePreset('web', config)).toEqual({ ...resolvePreset('web', {}), skipSmaller: true })
  })

  it('extends a preset of the config that extends the shipped one of its own name', () => {
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

  it('removes inherited renditions with an empty list', () => {
    const config = parseConfig({ presets: { card: { extends: 'responsive', widths: [], formats: [] } } })
    expect(resolvePreset('card', config)).toEqual({ name: 'card', ops: [] })
  })

  it('ignores keys that are undefined', () => {
    const config = parseConfig({ presets: { card: { extends: 'thumb', ops: undefined } } })
    expect(resolvePreset('card', config).ops).toEqual([{ thumbnail: '100x100' }])
  })

  it('rejects an unknown name with the nearest one and a list of all', () => {
    const resolve = () => resolvePreset('tumb', { presets: { card: {} } })
    expect(resolve).toThrow(expect.objectContaining({ code: 'UNKNOWN_PRESET', stage: 'config' }))
    expect(resolve).toThrow(
      'There is no preset "tumb". Did you mean "thumb"? ' +
        'Available presets: avatar, card, placeholder, responsive, social, thumb, web.',
    )
  })

  it.each(['toString', 'constructor', '__proto__', ''])('rejects the name %j', (name) => {
    expect(() => resolvePreset(name, { presets: {} })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PRESET' }),
    )
  })

  it('rejects an unvalidated preset with a wrong operation or format', () => {
    const config: PresetSource = { presets: { a: { ops: [{ thumbnial: 1 }] }, b: { formats: ['wepb'] } } }
    expect(() => resolvePreset('a', config)).toThrow(
      'presets.a.ops[0]: There is no operation "thumbnial". Did you mean "thumbnail"?',
    )
    expect(() => resolvePreset('b', config)).toThrow(expect.objectContaining({ code: 'INVALID_OPERATION' }))
  })
})

describe('listPresets', () => {
  it('returns all presets sorted by name, with their origin', () => {
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

describe('config types', () => {
  it('accept valid configs only', () => {
    const config = defineConfig({
      out: 'img',
      presets: { card: { ops: [{ thumbnail: '400x300' }], formats: ['webp'] } },
      batches: [{ inputs: ['photos/**'], presets: ['card'] }],
    })
    expect(parseConfig(config)).toEqual(config)
    const short = defineConfig({
      presets: { card: { extends: ['thumb', 'mine'], ops: [{ crop: '4/3' }] }, mine: {} },
      batches: [{ inputs: 'photos/**', presets: 'card' }],
    })
    expect(parseConfig(short)).toEqual(short)
    // @ts-expect-error the key is `widths`
    defineConfig({ presets: { card: { width: [100] } } })
    // @ts-expect-error `manifest` is a file name or false
    defineConfig({ manifest: true })
  })

  it('accept the formats of the format operation', () => {
    expectTypeOf<'webp'>().toExtend<FormatInput>()
    expectTypeOf<{ type: 'avif'; quality: 50 }>().toExtend<FormatInput>()
    expectTypeOf<'wepb'>().not.toExtend<FormatInput>()
    expectTypeOf<undefined>().not.toExtend<FormatInput>()
  })
})
