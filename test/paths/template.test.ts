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
  it('tells tokens from text', () => {
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

  it('knows every token that it offers', () => {
    for (const name of TOKEN_NAMES) expect(parseTemplate(`{${name}}`)).toEqual([{ name }])
  })

  it('takes a doubled brace for the brace itself', () => {
    expect(parseTemplate('{{{name}}}{{ext}}')).toEqual(['{', { name: 'name' }, '}{ext}'])
  })

  it('suggests the token that was meant, and lists all', () => {
    expect(() => parseTemplate('{dir}/{widht}.{ext}')).toThrow(
      usage(
        /"\{dir\}\/\{widht\}\.\{ext\}" has an unknown token \{widht\}\. Did you mean "width"\? The tokens are \{dir\} .*\{hash:8\}/,
      ),
    )
    expect(() => parseTemplate('{}')).toThrow(usage(/unknown token \{\}\. The tokens/))
  })

  it.each(['{dir', 'dir}', '{name}-{ext', '{dir}}', '{{name}', '{na{me}'])(
    'refuses the single brace in %s',
    (text) => {
      expect(() => parseTemplate(text)).toThrow(usage(/without its partner/))
    },
  )

  it('takes from 4 to 64 digits of a hash, and of nothing else', () => {
    expect(parseTemplate('{hash:4}{hash:64}')).toHaveLength(2)
    for (const digits of ['3', '65', '0', '', 'x', '8.5', '-8', '008', '8:8']) {
      expect(() => parseTemplate(`{hash:${digits}}`)).toThrow(usage(/from 4 to 64 digits/))
    }
    expect(() => parseTemplate('{name:8}')).toThrow(usage(/only \{hash:8\} takes a number/))
  })
})

describe('fillTemplate', () => {
  it('fills what is known and leaves the rest', () => {
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
  ])('leaves no empty folder in %s for "%s"', (template, dir, path) => {
    expect(fill(template, { dir, name: 'a' })).toBe(path)
  })

  it.each([
    ['{dir}/{name}', '', 'a'],
    ['img/{dir}//{name}', '', 'img/a'],
    ['{dir}/{name}', 'x/', 'x//a'],
    ['{dir}/{name}', '/x//./y', '/x//./y/a'],
    ['./{dir}/{name}', '..', '../a'],
  ])('keeps the folders of keys in %s for "%s"', (template, dir, path) => {
    expect(fillTemplate(parseTemplate(template), { dir, name: 'a' }, { literal: true })).toBe(path)
  })

  it('keeps an absolute template absolute, to be refused, and climbing folders likewise', () => {
    expect(fill('/srv/{name}', { name: 'a' })).toBe('/srv/a')
    expect(fill('{dir}/{name}', { dir: '../x', name: 'a' })).toBe('../x/a')
  })

  it('lets only {dir} open folders', () => {
    expect(fill('{preset}/{name}', { preset: '../web', name: '..\\a/b\0' })).toBe('.._web/.._a_b_')
  })

  it('keeps names that are legal where they come from', () => {
    const name = 'what? a:b "c" <d>|* ünï 日本 .'
    expect(resolveTarget(fill('{dir}/{name}', { dir: 'a\\b', name }))).toBe(`a\\b/${name}`)
  })

  it('counts tokens once, and none in a filled target', () => {
    expect(unresolvedTokens('{ext}/{{width}}.{ext}')).toEqual(['ext'])
    expect(unresolvedTokens('a/b.png')).toEqual([])
  })

  it('lets braces of a file name survive however often it is filled', () => {
    const target = fill('{name}.{ext}', { name: 'a{ext}' })
    expect(target).toBe('a{{ext}}.{ext}')
    expect(fill(target, {})).toBe(target)
    expect(resolveTarget(target, { ext: 'png' })).toBe('a{ext}.png')
  })
})

describe('resolveTarget', () => {
  it('says which token nothing filled', () => {
    expect(() => resolveTarget('a.{ext}')).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining('{ext}') }),
    )
  })

  it('comes to the same whether filled at once or in two steps, whatever the names hold', () => {
    const text = fc.string({ unit: fc.constantFrom('{', '}', '{ext}', '{{', 'a', '.', ':', 'é') })
    const part = fc.constantFrom('{dir}', '{name}', '{ext}', '{width}', '{hash:8}', '/', '{{', '}}', '-', 'x')
    const templates = fc.array(part).map((parts) => parts.join(''))
    // What the picture tells is never nothing.
    const told = text.filter((ext) => !/^\.?$/.test(ext))
    fc.assert(
      fc.property(templates, text, text, told, (template, dir, name, ext) => {
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

  it('gives back every name that holds no separator', () => {
    const names = fc.string({ unit: 'binary', minLength: 1 }).filter((name) => !/[/\\\0]|^\.$/.test(name))
    fc.assert(
      fc.property(names, (name) => {
        expect(resolveTarget(fill('x/{name}', { name }))).toBe(`x/${name}`)
      }),
    )
  })
})
