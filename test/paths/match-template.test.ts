import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesTarget } from '../../src/paths/match-template.js'
import { fillTemplate, parseTemplate, resolveTarget } from '../../src/paths/template.js'

describe('matchesTarget', () => {
  it.each([
    ['a/b.thumb.{ext}', 'a/b.thumb.webp'],
    ['a/b-{width}x{height}.{ext}', 'a/b-100x75.jpg'],
    ['{width}/{hash:8}', '100/1f2e3d4c'],
    ['a{{b}}.png', 'a{b}.png'],
    ['a{{b}}-{width}.png', 'a{b}-7.png'],
    ['a.png', 'a.png'],
  ])('returns true for %j and %j', (target, path) => {
    expect(matchesTarget(target, path)).toBe(true)
  })

  it.each([
    ['a/b.thumb.{ext}', 'a/c.thumb.webp'],
    ['a/b.thumb.{ext}', 'a/b.thumb.x/y'],
    ['a/b-{width}.{ext}', 'a/b-100'],
    ['a-{width}-a', 'a-a'],
    ['{ext}.png', 'a.jpg'],
    ['a{{b}}.png', 'a{{b}}.png'],
    ['a.png', 'b.png'],
  ])('returns false for %j and %j', (target, path) => {
    expect(matchesTarget(target, path)).toBe(false)
  })

  it('matches every path that a target resolves to, for any names', () => {
    const text = fc.string({ unit: fc.constantFrom('{', '}', '{ext}', '{{', 'a', '.', '-', 'é') })
    const part = fc.constantFrom('{dir}', '{name}', '{ext}', '{width}', '{hash:8}', '/', '{{', '}}', '-', 'x')
    const templates = fc.array(part).map((parts) => parts.join(''))
    fc.assert(
      fc.property(templates, text, text, text, (template, dir, name, ext) => {
        const target = fillTemplate(parseTemplate(template), { dir, name })
        expect(matchesTarget(target, resolveTarget(target, { ext, width: 7, hash: 'abcdefabcdef' }))).toBe(
          true,
        )
      }),
    )
  })
})
