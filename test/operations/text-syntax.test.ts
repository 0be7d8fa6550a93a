import { describe, expect, it } from 'vitest'
import type { Op } from '../../src/operations/define-operation.js'
import { operations } from '../../src/operations/parse-operations.js'
import { formatOp, readInput, readText } from '../../src/operations/text-syntax.js'
import { opOf } from '../support/inputs.js'

function findOp(name: string): Op {
  const op = operations.find((each) => each.name === name)
  if (op === undefined) throw new Error(`there is no operation ${name}`)
  return op
}

describe('readText', () => {
  it.each<[name: string, text: string, input: unknown]>([
    ['blur', '2', 2],
    ['blur', '', ''],
    ['blur', ' ', ' '],
    ['blur', 'big', 'big'],
    ['flip', 'true', true],
    ['flip', 'false', false],
    ['flatten', '000000', '000000'],
    ['flatten', 'true', true],
    ['flatten', '%77hite', 'white'],
    ['flatten', '%2577hite', '%77hite'],
    ['resize', '50%', '50%'],
    ['crop', '16:9', '16:9'],
    ['crop', '16:9:position=top', { aspect: '16:9', position: 'top' }],
    ['crop', 'position=top:aspect=16:9', { position: 'top', aspect: '16:9' }],
    ['format', 'jpg', 'jpeg'],
    ['format', 'jpg:quality=80', { type: 'jpeg', quality: 80 }],
    ['format', 'webp:quality=auto:lossless=false', { type: 'webp', quality: 'auto', lossless: false }],
    ['format', 'auto:among=jpg,png', { type: 'auto', among: ['jpeg', 'png'] }],
    ['format', 'auto:among=jpg', { type: 'auto', among: ['jpeg'] }],
    [
      'format',
      'jpeg:chromaSubsampling=4:4:4:quality=1',
      { type: 'jpeg', chromaSubsampling: '4:4:4', quality: 1 },
    ],
    ['watermark', 'image=a:b.png', { image: 'a:b.png' }],
    ['watermark', 'text=a%3Ab%3Dc', { text: 'a:b=c' }],
    ['watermark', 'text=a,b', { text: 'a,b' }],
    ['watermark', 'text=two\nlines', { text: 'two\nlines' }],
    ['watermark', 'text=12', { text: '12' }],
    ['watermark', 'text=', { text: '' }],
    ['watermark', 'https://h/a?b=c', 'https://h/a?b=c'],
    ['watermark', 'a.png:margin=x', { image: 'a.png', margin: 'x' }],
    ['preview', 'embedded', 'embedded'],
    ['modulate', 'hue=90:brightness=1.5', { hue: 90, brightness: 1.5 }],
  ])('reads %s %j as %j', (name, text, input) => {
    expect(readText(findOp(name), text)).toEqual(input)
  })

  it('rejects a shorthand for an operation without one', () => {
    expect(() => readText(findOp('modulate'), 'warm:hue=90')).toThrow(
      'modulate: expected parameters such as key=value, got "warm"',
    )
  })

  it('rejects an invalid shorthand before parameters', () => {
    expect(() => readText(findOp('resize'), 'big:fit=cover')).toThrow(
      'resize: expected a size such as 800, 800x600, x600 or 50%, got "big"',
    )
  })
})

describe('readInput', () => {
  it.each<[name: string, input: unknown, read: unknown]>([
    ['blur', '2', 2],
    ['blur', 2, 2],
    ['blur', { sigma: '2' }, { sigma: '2' }],
    ['flatten', 'white', 'white'],
    ['format', 'tif', 'tiff'],
    ['format', 'toString', 'toString'],
    ['format', { type: 'jpg', quality: 80 }, { type: 'jpeg', quality: 80 }],
    ['format', { type: 'auto', among: ['jpg', 'png', 7] }, { type: 'auto', among: ['jpeg', 'png', 7] }],
    ['format', { type: null }, { type: null }],
    ['format', null, null],
    ['format', 7, 7],
    ['format', 'jpg:quality=80', { type: 'jpeg', quality: 80 }],
    ['metadata', ['icc', 'gps'], ['icc', 'gps']],
  ])('reads %s %j as %j', (name, input, read) => {
    expect(readInput(findOp(name), input)).toEqual(read)
  })
})

describe('formatOp', () => {
  it.each<[name: string, input: unknown, text: string]>([
    ['blur', 2, '2'],
    ['flip', true, 'true'],
    ['flip', {}, 'true'],
    ['pad', { top: undefined }, 'true'],
    ['crop', '16:9', '16:9'],
    ['crop', '16:9:position=top', '16:9:position=top'],
    ['crop', { aspect: '16:9', position: undefined, width: 5 }, 'aspect=16:9:width=5'],
    ['metadata', ['icc', 'gps'], 'icc:gps'],
    ['format', { type: 'auto', among: ['jpeg', 'png'] }, 'type=auto:among=jpeg,png'],
    ['watermark', { text: 'a=b:c=d' }, 'text=a%3Db%3Ac=d'],
    ['watermark', { text: 'a1=b' }, 'text=a1%3Db'],
    ['watermark', { text: '1a=b:2=3:e=f' }, 'text=1a=b:2=3%3Ae=f'],
    ['watermark', { text: 'x:y=1:z=2' }, 'text=x%3Ay=1%3Az=2'],
    ['watermark', { text: '%41%4x%fF' }, 'text=%2541%4x%25fF'],
    ['watermark', '%41', '%2541'],
    ['metadata', ['a:b=c', '%41'], 'a%3Ab=c:%2541'],
    ['watermark', null, 'null'],
  ])('formats %s %j as %s', (name, input, text) => {
    expect(formatOp(opOf(name, input))).toBe(text)
  })
})
