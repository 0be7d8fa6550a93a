import { describe, expect, it } from 'vitest'
import type { PixelOp } from '../../../src/operations/define-operation.js'
import { SLOT } from '../../../src/operations/sharp-order.js'
import type { Picture } from '../../../src/picture.js'
import { passOf, planned } from '../../support/planned.js'

type Slots = [name: string, input: Parameters<PixelOp['apply']>[1], slot: number]

const deep: Partial<Picture> = { depth: 16 }
const alpha: Partial<Picture> = { alpha: true }

/** Returns the slots in an empty pass, just below the slot, and above it. */
function placesOf(name: string, input: unknown, slot: number, change: Partial<Picture> = {}) {
  const { op, params } = planned(name, input)
  return [0, slot - 1, slot].map((last) => op.place(params, passOf(last, [], change)))
}

describe('slot of an operation in a pass', () => {
  it.each<Slots>([
    ['blur', 2, SLOT.blur],
    ['clahe', 8, SLOT.clahe],
    ['contrast', 2, SLOT.linear],
    ['flatten', 'white', SLOT.flatten],
    ['flip', true, SLOT.flip],
    ['flop', true, SLOT.flop],
    ['grayscale', true, SLOT.grayscale],
    ['median', 3, SLOT.median],
    ['modulate', { hue: 9 }, SLOT.modulate],
    ['negate', true, SLOT.negate],
    ['normalize', true, SLOT.normalise],
    ['pad', 5, SLOT.extend],
    ['resize', 50, SLOT.scale],
    ['resize', { width: 9, height: 9, fit: 'fill' }, SLOT.scale],
    ['rotate', 90, SLOT.turn],
    ['sharpen', 1, SLOT.sharpen],
    ['thumbnail', 50, SLOT.scale],
    ['tint', 'navy', SLOT.tint],
  ])('gives %s %j its slot, or a new pass if the slot is taken', (name, input, slot) => {
    expect(placesOf(name, input, slot)).toEqual([slot, slot, 'new'])
  })

  it.each<[name: string, input: unknown, change: Partial<Picture>]>([
    ['blur', 2, alpha],
    ['clahe', 8, alpha],
    ['clahe', 8, deep],
    ['crop', { aspect: 1, position: 'attention' }, {}],
    ['crop', { aspect: 1, position: 'entropy' }, {}],
    ['gamma', 2, {}],
    ['median', 3, alpha],
    ['modulate', { hue: 9 }, alpha],
    ['pad', 5, deep],
    ['resize', { width: 9, height: 9, fit: 'contain' }, {}],
    ['resize', { width: 9, height: 9, position: 'entropy' }, {}],
    ['rotate', 30, {}],
    ['sharpen', 1, alpha],
    ['threshold', 99, {}],
    ['thumbnail', { width: 9, height: 9, fit: 'cover', position: 'attention' }, {}],
    ['trim', true, {}],
  ])('gives %s %j a pass to itself for %j', (name, input, change) => {
    expect(placesOf(name, input, 5, change)).toEqual([SLOT.end, 'new', 'new'])
  })

  it.each<[name: string, input: unknown, change: Partial<Picture>]>([
    ['pad', '5:background=white', deep],
    ['pad', '5:fill=mirror', deep],
    ['pad', 5, { ...deep, ...alpha }],
  ])('gives %s %j its slot if it adds no alpha to 16 bits: %j', (name, input, change) => {
    expect(placesOf(name, input, SLOT.extend, change)).toEqual([SLOT.extend, SLOT.extend, 'new'])
  })

  it.each([
    ['resize', { width: 9, height: 9 }],
    ['thumbnail', { width: 9, height: 9, fit: 'cover' }],
  ])('extends to the crop of a covering %s', (name, input) => {
    expect(placesOf(name, input, SLOT.scale)).toEqual([SLOT.canvas, SLOT.canvas, 'new'])
  })

  it.each([alpha, deep])('ends the pass with grayscale for %j', (change) => {
    expect(placesOf('grayscale', true, SLOT.output, change)).toEqual([SLOT.end, SLOT.end, 'new'])
  })

  it.each([
    ['round', 5],
    ['watermark', 'logo.png'],
  ])('ends a pass that does not scale with %s', (name, input) => {
    expect(placesOf(name, input, SLOT.composite)).toEqual([SLOT.end, SLOT.end, 'new'])
    const { op, params } = planned(name, input)
    expect(op.place(params, passOf(SLOT.scale, ['resize']))).toBe('new')
  })

  it('lies before or after a scaling for crop', () => {
    const { op, params } = planned('crop', '20x10')
    expect(op.place(params, passOf())).toBe(SLOT.extract)
    expect(op.place(params, passOf(SLOT.scale, ['resize']))).toBe(SLOT.extractAfter)
    expect(op.place(params, passOf(SLOT.scale, ['thumbnail']))).toBe(SLOT.extractAfter)
    expect(op.place(params, passOf(SLOT.extend, ['resize', 'pad']))).toBe('new')
    expect(op.place(params, passOf(SLOT.flip, ['flip']))).toBe('new')
  })
})
