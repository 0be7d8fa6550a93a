import { describe, expect, it } from 'vitest'
import {
  SLOT,
  takeCompositeSlot,
  takeFilterSlot,
  takeSlot,
  takeSlotRange,
  takeWholePass,
} from '../../src/operations/sharp-order.js'
import { passOf } from '../support/planned.js'

describe('takeSlot', () => {
  it('takes a slot above all taken ones, and needs a new pass otherwise', () => {
    expect(takeSlot(passOf(39), 40)).toBe(40)
    expect(takeSlot(passOf(40), 40)).toBe('new')
    expect(takeSlot(passOf(41), 40)).toBe('new')
  })
})

describe('takeSlotRange', () => {
  it('takes the end of a range if its start is free', () => {
    expect(takeSlotRange(passOf(39), 40, 60)).toBe(60)
    expect(takeSlotRange(passOf(40), 40, 60)).toBe('new')
    expect(takeSlotRange(passOf(50), 40, 60)).toBe('new')
  })
})

describe('takeFilterSlot', () => {
  it('gives a picture with alpha a pass to itself', () => {
    expect(takeFilterSlot(passOf(50), SLOT.blur)).toBe(SLOT.blur)
    expect(takeFilterSlot(passOf(0, [], { alpha: true }), SLOT.blur)).toBe(SLOT.end)
    expect(takeFilterSlot(passOf(50, [], { alpha: true }), SLOT.blur)).toBe('new')
  })
})

describe('takeCompositeSlot', () => {
  it('ends the pass', () => {
    expect(takeCompositeSlot(passOf(SLOT.extend, ['pad']))).toBe(SLOT.end)
    expect(takeCompositeSlot(passOf(SLOT.composite, ['round']))).toBe('new')
  })

  it.each(['thumbnail', 'resize', 'blur', 'sharpen'])('needs a new pass after %s', (name) => {
    expect(takeCompositeSlot(passOf(SLOT.scale, [name]))).toBe('new')
  })
})

describe('takeWholePass', () => {
  it('needs an empty pass', () => {
    expect(takeWholePass(passOf(0))).toBe(SLOT.end)
    expect(takeWholePass(passOf(10))).toBe('new')
  })
})
