import { describe, expect, it } from 'vitest'
import type { Picture } from '../../../src/picture.js'
import { pictureOf, planned } from '../../support/planned.js'

const contain = { width: 9, height: 9, fit: 'contain' }

describe('colour that an operation adds', () => {
  it.each<[name: string, input: unknown, colour: string | undefined]>([
    ['flatten', 'navy', 'navy'],
    ['flatten', true, 'white'],
    ['pad', '5:background=navy', 'navy'],
    ['pad', '5:background=navy:fill=copy', undefined],
    ['resize', { ...contain, background: 'navy' }, 'navy'],
    ['resize', { ...contain, fit: 'cover', background: 'navy' }, undefined],
    ['resize', { width: 9, fit: 'contain', background: 'navy' }, undefined],
    ['resize', { height: 9, fit: 'contain', background: 'navy' }, undefined],
    ['rotate', '30:background=navy', 'navy'],
    ['rotate', '90:background=navy', undefined],
    ['tint', 'navy', 'navy'],
    ['watermark', 'logo.png', 'red'],
    ['watermark', { text: 'x', colour: 'navy' }, 'navy'],
    ['watermark', { text: 'x' }, 'white'],
    ['blur', 2, undefined],
  ])('adds by %s %j: %j', (name, input, colour) => {
    const { op, params } = planned(name, input)
    expect(op.addsColor?.(params)).toBe(colour)
  })
})

describe('change of a picture by an operation', () => {
  it.each<[name: string, input: unknown, change: Partial<Picture>]>([
    ['flatten', 'white', { alpha: false }],
    ['grayscale', true, { space: 'grey' }],
    ['threshold', 9, { space: 'grey' }],
    ['round', 5, { alpha: true }],
    ['pad', 5, { alpha: true }],
    ['pad', '5:background=white', {}],
    ['pad', '5:fill=mirror', {}],
    ['resize', contain, { alpha: true }],
    ['resize', { ...contain, background: 'white' }, {}],
    ['resize', { ...contain, fit: 'cover' }, {}],
    ['resize', { width: 9, fit: 'contain' }, {}],
    ['rotate', 30, { alpha: true }],
    ['rotate', '30:background=white', {}],
    ['rotate', 90, {}],
  ])('makes by %s %j: %j', (name, input, change) => {
    const { op, params } = planned(name, input)
    expect(op.changesPicture?.(params, pictureOf())).toEqual(change)
  })
})

describe('operation without effect', () => {
  it.each<[name: string, input: unknown, change: Partial<Picture>, isNoop: boolean]>([
    ['contrast', 1, {}, true],
    ['contrast', 1.1, {}, false],
    ['gamma', 1, {}, true],
    ['gamma', 1.1, {}, false],
    ['flatten', true, { alpha: false }, true],
    ['flatten', true, { alpha: true }, false],
    ['grayscale', true, { space: 'grey' }, true],
    ['grayscale', true, { space: 'cmyk' }, false],
    ['crop', '400x300', {}, true],
    ['crop', '399x300', {}, false],
    ['crop', '400x299', {}, false],
    ['pad', 0, {}, true],
    ['pad', '4:3', {}, true],
    ['pad', '0x0x0x1', {}, false],
    ['resize', 400, {}, true],
    ['resize', 500, {}, true],
    ['resize', 500, { vector: true }, false],
    ['resize', 399, {}, false],
    ['rotate', 360, {}, true],
    ['rotate', 180, {}, false],
    ['thumbnail', 400, {}, true],
    ['thumbnail', 399, {}, false],
    ['trim', true, { width: 2, height: 2 }, true],
    ['trim', true, { width: 3, height: 2 }, true],
    ['trim', true, { width: 2, height: 3 }, true],
    ['trim', true, { width: 3, height: 3 }, false],
  ])('includes %s %j for %j: %j', (name, input, change, isNoop) => {
    const { op, params } = planned(name, input)
    expect(op.isNoop?.(params, pictureOf(change))).toBe(isNoop)
  })
})

describe('operation that keeps CMYK', () => {
  it.each<[name: string, input: unknown, keepsInk: boolean | undefined]>([
    ['blur', 2, true],
    ['crop', '9x9', true],
    ['flip', true, true],
    ['flop', true, true],
    ['median', 3, true],
    ['thumbnail', 9, true],
    ['pad', 5, false],
    ['pad', '5:fill=copy', true],
    ['resize', 9, true],
    ['resize', { ...contain, fit: 'cover' }, true],
    ['resize', contain, false],
    ['resize', { width: 9, fit: 'contain' }, true],
    ['rotate', 90, true],
    ['rotate', 30, false],
    ['trim', true, true],
    ['trim', { background: 'white' }, false],
    ['negate', true, undefined],
    ['round', 5, undefined],
  ])('includes %s %j: %j', (name, input, keepsInk) => {
    const { op, params } = planned(name, input)
    expect(op.keepsInk?.(params)).toBe(keepsInk)
  })
})

describe('operation that only scales or turns', () => {
  it.each<[name: string, input: unknown, kernel: string | undefined, gravity: string | undefined]>([
    ['resize', 9, 'lanczos3', undefined],
    ['resize', { width: 9, kernel: 'cubic' }, 'cubic', undefined],
    ['resize', { width: 9, height: 9, fit: 'inside' }, 'lanczos3', undefined],
    ['resize', '9x9', undefined, 'centre'],
    ['resize', { width: 9, height: 9, position: 'top' }, undefined, 'top'],
    ['resize', { width: 9, height: 9, position: 'entropy' }, undefined, undefined],
    ['resize', { width: 9, height: 9, kernel: 'cubic' }, undefined, undefined],
    ['resize', contain, undefined, undefined],
    ['thumbnail', 9, 'lanczos3', undefined],
    ['thumbnail', '9x9:fit=cover', undefined, 'centre'],
    ['thumbnail', '9x9:fit=cover:position=left', undefined, 'left'],
    ['thumbnail', '9x9:fit=cover:position=attention', undefined, undefined],
  ])('%s %j scales with %j, and covers at %j', (name, input, kernel, gravity) => {
    const { op, params } = planned(name, input)
    expect([op.scales?.(params), op.covers?.(params)]).toEqual([kernel, gravity])
  })

  it.each<[name: string, input: unknown, turns: number | undefined]>([
    ['flip', true, 0],
    ['flop', true, 0],
    ['rotate', 0, 0],
    ['rotate', 90, 1],
    ['rotate', 540, 2],
    ['rotate', -90, 3],
    ['rotate', 45, undefined],
    ['blur', 2, undefined],
  ])('%s %j turns by %j quarters', (name, input, turns) => {
    const { op, params } = planned(name, input)
    expect(op.turns?.(params)).toBe(turns)
  })
})
