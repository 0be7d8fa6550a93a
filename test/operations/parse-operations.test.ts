import { describe, expect, it } from 'vitest'
import { ImgprocError } from '../../src/errors.js'
import { operations, parseOp, parseOps, readOps, renameFiles } from '../../src/operations/parse-operations.js'
import { opOf } from '../support/inputs.js'

/** Returns code, stage and message of the error that a call throws. */
function refusalOf(call: () => unknown): [code: string, stage: string | undefined, message: string] {
  try {
    call()
  } catch (error) {
    if (error instanceof ImgprocError) return [error.code, error.stage, error.message]
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('readOps', () => {
  it('fills in defaults, and tells operations on pixels from settings', () => {
    expect(readOps([{ pad: 5 }, { format: 'jpg' }])).toEqual([
      {
        kind: 'pixels',
        name: 'pad',
        op: operations.find(({ name }) => name === 'pad'),
        params: { top: 5, right: 5, bottom: 5, left: 5, fill: 'background', background: 'transparent' },
      },
      {
        kind: 'setting',
        name: 'format',
        op: operations.find(({ name }) => name === 'format'),
        params: { type: 'jpeg' },
      },
    ])
  })

  it('accepts an operation on pixels several times, and a setting once', () => {
    expect(readOps([{ blur: 1 }, { blur: 2 }, { format: 'png' }])).toHaveLength(3)
    const twice = [{ format: 'png' }, { blur: 1 }, { format: 'webp' }]
    expect(refusalOf(() => readOps(twice, 'presets.card.ops'))).toEqual([
      'INVALID_OPERATION',
      'usage',
      'presets.card.ops: format is set twice; it applies to the whole list, so keep one',
    ])
  })

  it.each<[value: unknown, code: string, message: string]>([
    [7, 'INVALID_OPERATION', 'list: expected a list of operations, got 7'],
    [
      [{ flip: true }, []],
      'INVALID_OPERATION',
      'list[1]: expected an operation such as { thumbnail: 100 }, got []',
    ],
    [
      [{ flip: true, flop: true, blur: 1 }],
      'INVALID_OPERATION',
      'list[0]: expected one operation per object, got flip and flop and blur; use an object for each',
    ],
    [[{ flipp: true }], 'UNKNOWN_OPERATION', 'list[0]: There is no operation "flipp". Did you mean "flip"?'],
    [[{ blur: 0 }], 'INVALID_OPERATION', 'list[0]: blur: expected a number from 0.3 to 1000, got 0'],
    [
      [{ blur: { sigma: 0 } }],
      'INVALID_OPERATION',
      'list[0]: blur: sigma: expected a number from 0.3 to 1000, got 0',
    ],
    [[{ modulate: 5 }], 'INVALID_OPERATION', 'list[0]: modulate: expected an object, got 5'],
    [
      [{ clahe: { width: 0, height: 0 } }],
      'INVALID_OPERATION',
      'list[0]: clahe: width: expected a whole number of pixels from 1 to 10000, got 0; height: expected a whole number of pixels from 1 to 10000, got 0',
    ],
  ])('names the place of the mistake in %j', (value, code, message) => {
    expect(refusalOf(() => readOps(value, 'list'))).toEqual([code, 'usage', message])
  })

  it.each<[name: string, input: unknown, sentence: string]>([
    [
      'crop',
      { aspect: '16:9:4' },
      'aspect: expected an aspect ratio such as 16:9, 16/9 or 1.5, got "16:9:4"',
    ],
    ['crop', { aspect: 0 }, 'aspect: expected an aspect ratio such as 16:9, 16/9 or 1.5, got 0'],
    ['pad', { aspect: 'wide' }, 'aspect: expected an aspect ratio such as 16:9, 16/9 or 1.5, got "wide"'],
    [
      'format',
      { type: 'webp', maxBytes: '100XB' },
      'maxBytes: expected bytes, such as 100000 or 100KB, got "100XB"',
    ],
    ['format', { type: 'webp', maxBytes: 0 }, 'maxBytes: expected at least 1, got 0'],
  ])('says once what %s %j should be', (name, input, sentence) => {
    expect(refusalOf(() => readOps([opOf(name, input)]))).toEqual([
      'INVALID_OPERATION',
      'usage',
      `${name}: ${sentence}`,
    ])
  })
})

describe('parseOps', () => {
  it('returns the list itself', () => {
    const list = [{ thumbnail: '100x100' }]
    expect(parseOps(list)).toBe(list)
  })

  it('rejects an invalid list, and names it', () => {
    expect(refusalOf(() => parseOps([{ thumbnail: 0 }], 'ops'))[2]).toBe(
      'ops[0]: thumbnail: expected a whole number of pixels from 1 to 100000, got 0',
    )
  })
})

describe('parseOp', () => {
  it('parses text', () => {
    expect(parseOp('blur', '2.5')).toEqual({ blur: 2.5 })
    expect(parseOp('format', 'webp:quality=80')).toEqual({ format: { type: 'webp', quality: 80 } })
  })

  it('rejects unknown operations and invalid values', () => {
    expect(refusalOf(() => parseOp('blurr', '2'))).toEqual([
      'UNKNOWN_OPERATION',
      'usage',
      'There is no operation "blurr". Did you mean "blur"?',
    ])
    expect(refusalOf(() => parseOp('blur', '0'))[2]).toBe('blur: expected a number from 0.3 to 1000, got 0')
  })
})

describe('renameFiles', () => {
  it('renames the file of a watermark, and leaves other operations as written', () => {
    const ops = [
      { thumbnail: '100x100' },
      { format: 'webp' },
      { watermark: 'logo.png' },
      { watermark: { text: 'x' } },
    ] as const
    const renamed = renameFiles(ops, (ref) => `assets/${ref}`)
    expect(renamed[0]).toBe(ops[0])
    expect(renamed[1]).toBe(ops[1])
    expect(renamed[2]).toMatchObject({ watermark: { image: 'assets/logo.png', position: 'southeast' } })
    expect(renamed[3]).toMatchObject({ watermark: { text: 'x' } })
    expect(renamed[3]).not.toHaveProperty('watermark.image')
  })
})
