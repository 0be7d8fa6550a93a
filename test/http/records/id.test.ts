import { describe, expect, it } from 'vitest'
import { createId, hexOf, idOfHex, isId, timeOfId } from '../../../src/http/records/id.js'

describe('createId', () => {
  it('makes ids of RFC 9562 that name their time', () => {
    const before = Date.now()
    const id = createId()
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(timeOfId(id)).toBeGreaterThanOrEqual(before)
    expect(timeOfId(id)).toBeLessThanOrEqual(Date.now())
  })

  it('makes ids that sort by time within a millisecond', () => {
    const ids = Array.from({ length: 5000 }, createId)
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(5000)
  })
})

describe('isId', () => {
  it('accepts its own ids only', () => {
    const id = createId()
    expect(isId(id)).toBe(true)
    const others = [
      id.toUpperCase(),
      `${id}0`,
      ` ${id}`,
      '../../etc',
      '',
      '2b1e1d4c-6f0d-4c59-9f6e-5d2f5d0a2c11',
    ]
    for (const other of others) expect(isId(other), other).toBe(false)
  })

  it('returns an id from its hex digits', () => {
    const id = createId()
    expect(idOfHex(hexOf(id))).toBe(id)
  })
})
