import { describe, expect, it } from 'vitest'
import { hashFiles, hashRecipe } from '../../src/plan/recipe-hash.js'
import { ImgprocError } from '../../src/errors.js'
import { createMemoryStore } from '../../src/stores/memory.js'
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

  it('returns another hash for another strictness or width to scale from', () => {
    const ops: Ops = [{ resize: 100 }]
    const hashes = [
      hashRecipe(ops),
      hashRecipe(ops, { failOn: 'warning' }),
      hashRecipe(ops, { sharedWidth: 640 }),
      hashRecipe(ops, { sharedWidth: 320 }),
    ]
    expect(new Set(hashes).size).toBe(4)
    expect(hashRecipe(ops, { failOn: 'error', sharedWidth: undefined })).toBe(hashes[0])
  })

  it('returns another hash for another model, if an operation uses what it finds', () => {
    const [first, second] = [{ faces: 'a/1' }, { faces: 'a/2' }]
    const focused: Ops = [{ crop: { aspect: '1', position: 'faces' } }]
    expect(hashRecipe(focused, { models: first })).not.toBe(hashRecipe(focused, { models: second }))
    const other: Ops = [{ crop: { aspect: '1', position: 'objects' } }]
    expect(hashRecipe(other, { models: first })).toBe(hashRecipe(other, { models: second }))
    const plain: Ops = [{ crop: { aspect: '1' } }]
    expect(hashRecipe(plain, { models: first })).toBe(hashRecipe(plain))
  })

  it('counts the content of a watermark and not its path', () => {
    const mark = (image: string): Ops => [{ watermark: { image } }]
    const files = new Map([
      ['/a.png', 'one'],
      ['/b.png', 'one'],
      ['/c.png', 'two'],
    ])
    expect(hashRecipe(mark('/a.png'), { files })).toBe(hashRecipe(mark('/b.png'), { files }))
    expect(hashRecipe(mark('/a.png'), { files })).not.toBe(hashRecipe(mark('/c.png'), { files }))
    expect(hashRecipe(mark('/a.png'))).not.toBe(hashRecipe(mark('/b.png')))
  })

  it('returns the hashes of earlier versions, so that an update alone makes no output again', () => {
    const ops: Ops = [
      { metadata: 'icc' },
      { thumbnail: '200x100:fit=cover' },
      { sharpen: 0.5 },
      { format: { type: 'webp', quality: 70, effort: 2 } },
    ]
    expect(hashRecipe(ops)).toMatchInlineSnapshot(`"ffc6a19cc1a96299f4794b166fa2f0c8"`)
    expect(hashRecipe(ops, { failOn: 'none', sharedWidth: 640 })).toMatchInlineSnapshot(
      `"823eded7b70ef7409556c38ceaaebc8e"`,
    )
  })
})

describe('hashFiles', () => {
  const ops: Ops = [
    { watermark: { image: 'memory://logo.png' } },
    { blur: 1 },
    { watermark: { image: 'memory://logo.png', position: 'north' } },
    { watermark: { text: 'mine' } },
  ]

  it('hashes the content of each file that an operation uses', async () => {
    const store = createMemoryStore({ 'logo.png': Buffer.from('abc') })
    expect([...(await hashFiles(store, ops))]).toEqual([
      ['memory://logo.png', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ])
    expect(await hashFiles(store, [{ blur: 1 }])).toEqual(new Map())
  })

  it('rejects a file that cannot be read', async () => {
    const rejected = hashFiles(createMemoryStore(), ops)
    await expect(rejected).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      stage: 'plan',
      path: 'memory://logo.png',
      message: expect.stringMatching(/^Cannot read a file that an operation uses: .*logo\.png/) as string,
      cause: expect.any(ImgprocError) as ImgprocError,
    })
  })
})
