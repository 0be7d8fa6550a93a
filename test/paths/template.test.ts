import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fillTemplate,
  isOpen,
  parseTemplate,
  resolveTarget,
  settleTokens,
  TOKEN_NAMES,
  unresolvedTokens,
} from '../../src/paths/template.js'

const usage = (message: RegExp) =>
  expect.objectContaining({
    code: 'INVALID_USAGE',
    stage: 'usage',
    message: expect.stringMatching(message),
  })

function fill(template: string, values: Parameters<typeof fillTemplate>[1]): string {
  return fillTemplate(parseTemplate(template), values)
}

describe('parseTemplate', () => {
  it('splits a template into tokens and text', () => {
    expect(parseTemplate('{dir}/{name}-{hash:8}.{ext}')).toEqual([
      { name: 'dir' },
      '/',
      { name: 'name' },
      '-',
      { name: 'hash', length: 8 },
      '.',
      { name: 'ext' },
    ])
  })

  it('accepts every token of TOKEN_NAMES', () => {
    for (const name of TOKEN_NAMES) expect(parseTemplate(`{${name}}`)).toEqual([{ name }])
  })

  it('reads a doubled brace as a literal brace', () => {
    expect(parseTemplate('{{{name}}}{{ext}}')).toEqual(['{', { name: 'name' }, '}{ext}'])
  })

  it('suggests the closest token for a mistyped one, and lists all', () => {
    expect(() => parseTemplate('{dir}/{widht}.{ext}')).toThrow(
      usage(
        /"\{dir\}\/\{widht\}\.\{ext\}" has an unknown token \{widht\}\. Did you mean "width"\? The tokens are \{dir\} .*\{hash:8\}/,
      ),
    )
    expect(() => parseTemplate('{}')).toThrow(usage(/unknown token \{\}\. The tokens/))
  })

  it.each(['{dir', 'dir}', '{name}-{ext', '{dir}}', '{{name}', '{na{me}'])(
    'rejects the unmatched brace in %s',
    (text) => {
      expect(() => parseTemplate(text)).toThrow(usage(/has an unmatched "[{}]"/))
    },
  )

  it('accepts a length of 4 to 64 digits for {hash} only', () => {
    expect(parseTemplate('{hash:4}{hash:64}')).toHaveLength(2)
    for (const digits of ['3', '65', '0', '', 'x', '8.5', '-8', '008', '8:8']) {
      expect(() => parseTemplate(`{hash:${digits}}`)).toThrow(usage(/from 4 to 64 digits/))
    }
    expect(() => parseTemplate('{name:8}')).toThrow(usage(/only \{hash\} takes a number of digits/))
  })
})

describe('fillTemplate', () => {
  it('fills known values and leaves the other tokens', () => {
    const target = fill('{dir}/{name}.{preset}-{width}w-{hash:8}.{ext}', {
      dir: '2024/may',
      name: 'beach',
      preset: 'web',
    })
    expect(target).toBe('2024/may/beach.web-{width}w-{hash:8}.{ext}')
    expect(unresolvedTokens(target)).toEqual(['width', 'hash', 'ext'])
    expect(resolveTarget(target, { width: 640, hash: '0123456789abcdef', ext: 'webp' })).toBe(
      '2024/may/beach.web-640w-01234567.webp',
    )
  })

  it.each([
    ['{dir}/{name}', '', 'a'],
    ['img/{dir}/{name}', '', 'img/a'],
    ['{dir}/{dir}/{name}', '', 'a'],
    ['{dir}/{name}', 'x/', 'x/a'],
    ['{dir}/{name}', '/x//y', 'x/y/a'],
    ['{dir}/{name}', '.', 'a'],
    ['./{dir}//{name}', 'x', 'x/a'],
  ])('removes empty folders from %s with the folder "%s"', (template, dir, path) => {
    expect(fill(template, { dir, name: 'a' })).toBe(path)
  })

  it.each([
    ['{dir}/{name}', '', 'a'],
    ['img/{dir}//{name}', '', 'img/a'],
    ['{dir}/{name}', 'x/', 'x//a'],
    ['{dir}/{name}', '/x//./y', '/x//./y/a'],
    ['./{dir}/{name}', '..', '../a'],
  ])('keeps empty folders of keys in %s with the folder "%s"', (template, dir, path) => {
    expect(fillTemplate(parseTemplate(template), { dir, name: 'a' }, { literal: true })).toBe(path)
  })

  it('keeps a leading slash and "..", which checkTarget rejects', () => {
    expect(fill('/srv/{name}', { name: 'a' })).toBe('/srv/a')
    expect(fill('{dir}/{name}', { dir: '../x', name: 'a' })).toBe('../x/a')
  })

  it('replaces separators in all values but {dir}', () => {
    expect(fill('{preset}/{name}', { preset: '../web', name: '..\\a/b\0' })).toBe('.._web/.._a_b_')
  })

  it('keeps names that are valid on the system of the source', () => {
    const name = 'what? a:b "c" <d>|* ünï 日本 .'
    expect(resolveTarget(fill('{dir}/{name}', { dir: 'a\\b', name }))).toBe(`a\\b/${name}`)
  })

  it('leaves tokens that unresolvedTokens lists once each', () => {
    expect(unresolvedTokens('{ext}/{{width}}.{ext}')).toEqual(['ext'])
    expect(unresolvedTokens('a/b.png')).toEqual([])
  })

  it('keeps braces of a file name when a target is filled again', () => {
    const target = fill('{name}.{ext}', { name: 'a{ext}' })
    expect(target).toBe('a{{ext}}.{ext}')
    expect(fill(target, {})).toBe(target)
    expect(resolveTarget(target, { ext: 'png' })).toBe('a{ext}.png')
  })
})

describe('resolveTarget', () => {
  it('names the token that has no value', () => {
    expect(() => resolveTarget('a.{ext}')).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining('{ext}') }),
    )
  })

  it('gives the same path when filled at once and in two steps, for any names', () => {
    const text = fc.string({ unit: fc.constantFrom('{', '}', '{ext}', '{{', 'a', '.', ':', 'é') })
    const part = fc.constantFrom('{dir}', '{name}', '{ext}', '{width}', '{hash:8}', '/', '{{', '}}', '-', 'x')
    const templates = fc.array(part).map((parts) => parts.join(''))
    // Values known after rendering are never empty.
    const lateText = text.filter((ext) => !/^\.?$/.test(ext))
    fc.assert(
      fc.property(templates, text, text, lateText, (template, dir, name, ext) => {
        const late = { ext, width: 7, hash: 'abcdefabcdef' }
        const target = fill(template, { dir, name })
        expect(resolveTarget(target, late)).toBe(resolveTarget(fill(template, { dir, name, ...late })))
        expect(fill(target, {})).toBe(target)
        expect(isOpen(target)).toBe(unresolvedTokens(target).length > 0)
        const settled = settleTokens(parseTemplate(template), late)
        expect(fillTemplate(settled, { dir, name })).toBe(fill(template, { dir, name, ...late }))
      }),
    )
  })

  it('keeps every name without a separator', () => {
    const names = fc.string({ unit: 'binary', minLength: 1 }).filter((name) => !/[/\\\0]|^\.$/.test(name))
    fc.assert(
      fc.property(names, (name) => {
        expect(resolveTarget(fill('x/{name}', { name }))).toBe(`x/${name}`)
      }),
    )
  })
})
