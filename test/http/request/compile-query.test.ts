import { describe, expect, it } from 'vitest'
import { createQueryCompiler, UNKNOWN_CLIENT } from '../../../src/http/request/compile-query.js'
import type { Conditions } from '../../../src/http/request/compose-recipe.js'
import type { ResolvedOptions } from '../../../src/http/types.js'

const presets: ResolvedOptions['presets'] = {
  card: { ops: [{ thumbnail: '80x60' }, { format: 'webp' }] },
  grey: { ops: [{ grayscale: true }, { format: 'png' }] },
  steps: {
    ops: [{ grayscale: true }],
    widths: [100, 200, 400],
    formats: ['avif', 'webp:quality=70', 'jpeg'],
    after: [{ sharpen: 1 }],
  },
}

const create = (onlyPresets = false) =>
  createQueryCompiler({ presets, onlyPresets, failOn: 'error', jxl: false, analyzers: {} })
const compile = create()
const opsOf = (query: string, conditions: Partial<Conditions> = {}) =>
  compile(query).resolve({ ...UNKNOWN_CLIENT, ...conditions }).ops

describe('operations of a query', () => {
  it('run in the order that they are written in, with repeats', () => {
    expect(opsOf('rotate=90&thumbnail=200&rotate=180')).toEqual([
      { rotate: 90 },
      { thumbnail: 200 },
      { rotate: 180 },
    ])
  })

  it('have parameters, and no value if they are switches', () => {
    expect(opsOf('thumbnail=200x100:fit=cover&grayscale&flip=true')).toEqual([
      { thumbnail: { width: 200, height: 100, fit: 'cover' } },
      { grayscale: true },
      { flip: true },
    ])
  })

  it('may be encoded', () => {
    expect(opsOf('thumbnail=200x100%3Afit%3Dcover')).toEqual(opsOf('thumbnail=200x100:fit=cover'))
    expect(opsOf('watermark=text=Two+words')).toEqual([{ watermark: { text: 'Two words' } }])
  })

  it('have one hash for all spellings, and another for another order', () => {
    const hashOf = (query: string) => compile(query).resolve(UNKNOWN_CLIENT).hash
    expect(hashOf('thumbnail=200&v=7')).toBe(hashOf('&thumbnail=200x200&'))
    expect(hashOf('thumbnail=200&rotate=90')).not.toBe(hashOf('rotate=90&thumbnail=200'))
    expect(hashOf('format=webp&thumbnail=200')).toBe(hashOf('thumbnail=200&format=webp'))
  })

  it.each([
    ['blurr=2', 'UNKNOWN_OPERATION', 'Did you mean "blur"?'],
    ['wdith=2', 'UNKNOWN_OPERATION', 'Did you mean "width"?'],
    ['toString=2', 'UNKNOWN_OPERATION', 'toString'],
    ['thumbnail=huge', 'INVALID_OPERATION', 'thumbnail'],
    ['format=webp&format=png', 'INVALID_OPERATION', 'format is set twice'],
    ['preset=cards', 'UNKNOWN_PRESET', 'Did you mean "card"?'],
    ['width=0', 'INVALID_OPERATION', 'width'],
    ['width=1e3', 'INVALID_OPERATION', 'width'],
    ['dpr=0', 'INVALID_OPERATION', 'dpr'],
    ['dpr=1&dpr=2', 'INVALID_OPERATION', 'one value'],
    ['dpr=Infinity', 'INVALID_OPERATION', 'dpr'],
    ['thumbnail=%zz', 'INVALID_USAGE', 'percent-encoding'],
    ['watermark=/etc/passwd', 'ACCESS_DENIED', 'preset of the config'],
    ['watermark=image=http://169.254.169.254/', 'ACCESS_DENIED', 'preset of the config'],
    [`thumbnail=1&${'flip&'.repeat(60)}`, 'INVALID_USAGE', 'more than 50'],
    [`v=${'a'.repeat(5000)}`, 'INVALID_USAGE', 'longer than 4096'],
  ])('are refused: %s', (query, code, text) => {
    expect(() => compile(query)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    )
  })
})

describe('presets of a query', () => {
  it('run at their place among operations', () => {
    expect(opsOf('rotate=90&preset=card&flip')).toEqual([
      { rotate: 90 },
      { thumbnail: '80x60' },
      { format: 'webp' },
      { flip: true },
    ])
  })

  it('follow one another, and the later one has the last word on settings', () => {
    expect(opsOf('preset=card&preset=grey')).toEqual([
      { thumbnail: '80x60' },
      { grayscale: true },
      { format: 'png' },
    ])
  })

  it('yield to settings of the query, wherever these are', () => {
    expect(opsOf('format=jpeg&preset=card')).toEqual([{ format: 'jpeg' }, { thumbnail: '80x60' }])
  })

  it('may be shipped ones', () => {
    expect(opsOf('preset=thumb')).toEqual([{ thumbnail: '100x100' }])
  })

  it.each([
    ['preset=steps', 400],
    ['preset=steps&width=150', 200],
    ['preset=steps&width=200', 200],
    ['preset=steps&width=9999', 400],
    ['preset=steps&width=100&dpr=2', 200],
  ])('give their smallest width that is large enough: %s', (query, width) => {
    expect(opsOf(query)).toEqual([
      { grayscale: true },
      { resize: { width } },
      { sharpen: 1 },
      { format: 'jpeg' },
    ])
  })

  it('give the first of their formats that the client shows', () => {
    const formatOf = (query: string, conditions: Partial<Conditions>) => opsOf(query, conditions).at(-1)
    expect(formatOf('preset=steps', { accepted: 'avif' })).toEqual({ format: 'avif' })
    expect(formatOf('preset=steps&format=auto', { accepted: 'webp' })).toEqual({ format: 'webp:quality=70' })
    expect(formatOf('preset=steps&format=webp', {})).toEqual({ format: 'webp:quality=70' })
    expect(formatOf('preset=steps&format=png', { accepted: 'avif' })).toEqual({ format: 'png' })
  })

  it('tell whether the picture depends on the client', () => {
    expect(compile('preset=steps')).toMatchObject({ usesAccept: true, usesHints: false })
    expect(compile('preset=steps&format=webp')).toMatchObject({ usesAccept: false })
    expect(compile('preset=card')).toMatchObject({ usesAccept: false })
    expect(compile('thumbnail=100&format=auto')).toMatchObject({ usesAccept: true })
    expect(compile('width=auto')).toMatchObject({ usesAccept: false, usesHints: true })
    expect(compile('thumbnail=100&dpr=auto')).toMatchObject({ usesHints: true })
    expect(compile('thumbnail=100&dpr=2')).toMatchObject({ usesHints: false })
  })
})

describe('format=auto', () => {
  it('chooses JPEG XL only if the config allows it, or a preset lists it', () => {
    const choiceOf = (jxl: boolean) =>
      createQueryCompiler({ presets, onlyPresets: false, failOn: 'error', analyzers: {}, jxl })(
        'thumbnail=9&format=auto',
      ).resolve({
        ...UNKNOWN_CLIENT,
        accepted: 'jxl',
      }).choice
    expect([choiceOf(false), choiceOf(true)]).toEqual(['avif', 'jxl'])
    const own = { presets: { best: { formats: ['jxl', 'avif', 'jpeg'] } } } as const
    const ofPreset = createQueryCompiler({
      ...own,
      onlyPresets: false,
      failOn: 'error',
      analyzers: {},
      jxl: false,
    })
    const formatFor = (accepted: 'jxl' | 'avif' | 'basic') =>
      ofPreset('preset=best&format=auto').resolve({ ...UNKNOWN_CLIENT, accepted }).ops
    expect(formatFor('jxl')).toEqual([{ format: 'jxl' }])
    expect(formatFor('avif')).toEqual([{ format: 'avif' }])
    expect(formatFor('basic')).toEqual([{ format: 'jpeg' }])
  })

  it('leaves the choice to the picture', () => {
    const { ops, choice } = compile('format=auto&thumbnail=9').resolve({
      ...UNKNOWN_CLIENT,
      accepted: 'webp',
    })
    expect({ ops, choice }).toEqual({ ops: [{ thumbnail: 9 }], choice: 'webp' })
  })

  it('has another hash for each kind of client', () => {
    const hashes = (['avif', 'webp', 'basic'] as const).map(
      (accepted) => compile('format=auto').resolve({ ...UNKNOWN_CLIENT, accepted }).hash,
    )
    expect(new Set(hashes).size).toBe(3)
  })

  it('with parameters tries formats that the client shows only', () => {
    expect(opsOf('format=auto:quality=auto', { accepted: 'webp' })).toEqual([
      { format: { type: 'auto', quality: 'auto', among: ['webp', 'jpeg', 'png', 'gif'] } },
    ])
    expect(opsOf('format=auto:among=avif')).toEqual([{ format: { type: 'auto', among: ['jpeg', 'png'] } }])
  })
})

describe('dpr and width', () => {
  it('multiply the pixels of thumbnail, resize and width, not percentages', () => {
    expect(opsOf('thumbnail=100x50&resize=50%25&blur=2&width=30&dpr=1.5')).toEqual([
      { thumbnail: { width: 150, height: 75, fit: 'inside', position: 'centre' } },
      { resize: expect.objectContaining({ width: '50%', height: '50%' }) },
      { blur: 2 },
      { resize: { width: 45 } },
    ])
  })

  it('follow client hints if they are auto', () => {
    expect(opsOf('width=auto', { width: 448, dpr: 2, viewportWidth: 1280 })).toEqual([
      { resize: { width: 448 } },
    ])
    expect(opsOf('width=auto', { dpr: 2, viewportWidth: 320 })).toEqual([{ resize: { width: 640 } }])
    expect(opsOf('width=auto')).toEqual([])
    expect(opsOf('thumbnail=100&dpr=auto', { dpr: 2 })).toEqual([
      { thumbnail: expect.objectContaining({ width: 200, height: 200 }) },
    ])
    expect(opsOf('thumbnail=100&dpr=auto')).toEqual([{ thumbnail: 100 }])
    expect(opsOf('preset=steps&width=auto', { width: 128 })[1]).toEqual({ resize: { width: 200 } })
  })
})

describe('only presets', () => {
  const strict = create(true)

  it.each([
    'preset=card',
    'preset=card&dpr=auto',
    'preset=steps&width=200&format=webp&dpr=2',
    'preset=steps&format=auto',
  ])('allow %s', (query) => {
    expect(strict(query).isEmpty).toBe(false)
  })

  it.each([
    '',
    'v=1',
    'thumbnail=100',
    'preset=card&rotate=90',
    'preset=card&width=100',
    'preset=card&dpr=2',
    'preset=card&format=png',
    'preset=steps&format=png',
    'preset=steps&format=webp:quality=1',
  ])('refuse "%s", and say what to do', (query) => {
    expect(() => strict(query)).toThrow(
      expect.objectContaining({ code: 'ACCESS_DENIED', message: expect.stringContaining('?preset=NAME') }),
    )
  })
})
