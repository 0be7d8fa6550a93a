import { describe, expect, it } from 'vitest'
import { hashRecipe } from '../../src/plan/recipe-hash.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'

type Ops = readonly ImageOp[]

describe('hashRecipe', () => {
  it.each<[string, Ops, Ops]>([
    [
      'a shorthand and its parameters',
      [{ thumbnail: '200x100' }],
      [{ thumbnail: { width: 200, height: 100 } }],
    ],
    ['a number and its digits', [{ resize: 300 }], [{ resize: '300' }]],
    ['jpeg and jpg', [{ format: 'jpeg' }], [{ format: 'jpg' }]],
    ['jpeg and jpg in text', [{ format: { type: 'jpeg', quality: 70 } }], [{ format: 'jpg:quality=70' }]],
    ['tiff and tif', [{ format: { type: 'tiff' } }], [{ format: { type: 'tif' } }]],
    ['an aspect and its shorthand', [{ crop: { aspect: '4/3' } }], [{ crop: '4/3' }]],
    ['a number and a text', [{ thumbnail: 100 }], [{ thumbnail: '100x100' }]],
    ['a default omitted and written', [{ resize: 100 }], [{ resize: { width: 100, enlarge: false } }]],
    [
      'parameters in another order',
      [{ format: { type: 'webp', quality: 70, effort: 2 } }],
      [{ format: { effort: 2, quality: 70, type: 'webp' } }],
    ],
    ['text parameters', [{ format: 'webp:quality=70' }], [{ format: { type: 'webp', quality: 70 } }]],
    [
      'settings in another place',
      [{ format: 'webp' }, { rotate: 90 }, { metadata: 'icc' }],
      [{ metadata: 'icc' }, { rotate: 90 }, { format: 'webp' }],
    ],
  ])('returns the same hash for %s', (_, one, other) => {
    expect(hashRecipe(one)).toBe(hashRecipe(other))
  })

  it('returns another hash for any changed option and for another order of operations', () => {
    const recipes: Ops[] = [
      [],
      [{ rotate: 90 }],
      [{ rotate: 180 }],
      [{ rotate: 90 }, { rotate: 90 }],
      [{ rotate: 90 }, { flip: true }],
      [{ flip: true }, { rotate: 90 }],
      [{ thumbnail: 100 }],
      [{ thumbnail: '100x101' }],
      [{ thumbnail: { width: 100, height: 100, fit: 'cover' } }],
      [{ thumbnail: { width: 100, height: 100, fit: 'cover', position: 'attention' } }],
      [{ resize: { width: 100 } }],
      [{ resize: { width: 100, enlarge: true } }],
      [{ resize: { width: 100, height: 100 } }],
      [{ format: 'webp' }],
      [{ format: { type: 'webp', quality: 70 } }],
      [{ format: { type: 'webp', quality: 71 } }],
      [{ format: { type: 'avif', quality: 70 } }],
      [{ format: { type: 'webp', effort: 2 } }],
      [{ format: { type: 'webp', lossless: true } }],
      [{ metadata: 'icc' }],
      [{ metadata: 'keep' }],
      [{ autoOrient: false }],
    ]
    expect(new Set(recipes.map((ops) => hashRecipe(ops))).size).toBe(recipes.length)
  })
})
