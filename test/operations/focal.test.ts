import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clipRegion, cropToFocus, moveInto, type FocalRegion } from '../../src/operations/focal.js'

const sizes = fc
  .record({
    width: fc.integer({ min: 1, max: 5000 }),
    height: fc.integer({ min: 1, max: 5000 }),
    w: fc.double({ min: 0, max: 1, noNaN: true }),
    h: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ width, height, w, h }) => ({
    inside: { width, height },
    crop: { width: Math.max(1, Math.round(width * w)), height: Math.max(1, Math.round(height * h)) },
  }))
const fraction = fc.integer({ min: 0, max: 1000 }).map((value) => value / 1000)
const regions = fc
  .tuple(fraction, fraction, fraction, fraction)
  .map(([left, top, width, height]): FocalRegion => ({
    left,
    top,
    width: width * (1 - left),
    height: height * (1 - top),
  }))

/** Returns the offset, of all that exist, whose crop is nearest to having a point in its middle. */
function nearestOffset(point: number, crop: number, whole: number): number {
  const distances = Array.from({ length: whole - crop + 1 }, (_, at) => Math.abs(at + crop / 2 - point))
  return Math.min(...distances)
}

describe('cropToFocus', () => {
  it('holds the point, and no other crop has it nearer to its middle', () => {
    fc.assert(
      fc.property(sizes, fraction, fraction, ({ inside, crop }, x, y) => {
        const box = cropToFocus(crop, inside, [{ left: x, top: y, width: 0, height: 0 }])
        for (const [start, length, whole, at] of [
          [box.left, box.width, inside.width, x],
          [box.top, box.height, inside.height, y],
        ] as const) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(start + length).toBeLessThanOrEqual(whole)
          expect(start).toBeLessThanOrEqual(at * whole + 1e-6)
          expect(start + length).toBeGreaterThanOrEqual(at * whole - 1e-6)
          const distance = Math.abs(start + length / 2 - at * whole)
          expect(distance).toBeCloseTo(nearestOffset(at * whole, length, whole), 5)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('holds a region whole on each axis on which it fits', () => {
    fc.assert(
      fc.property(sizes, regions, ({ inside, crop }, region) => {
        const box = cropToFocus(crop, inside, [region])
        for (const [start, length, whole, from, size] of [
          [box.left, box.width, inside.width, region.left, region.width],
          [box.top, box.height, inside.height, region.top, region.height],
        ] as const) {
          const first = Math.floor(from * whole + 1e-6)
          const last = Math.min(whole, Math.ceil((from + size) * whole - 1e-6))
          expect(start >= 0 && start + length <= whole).toBe(true)
          if (last - first > length) continue
          expect(start).toBeLessThanOrEqual(first)
          expect(start + length).toBeGreaterThanOrEqual(last)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('holds the first region, and others as far as they fit in with it', () => {
    const inside = { width: 1000, height: 100 }
    const face = (left: number): FocalRegion => ({ left, top: 0.2, width: 0.1, height: 0.5 })
    const crop = { width: 400, height: 100 }
    expect(cropToFocus(crop, inside, [face(0.2), face(0.4)]).left).toBe(150)
    expect(cropToFocus(crop, inside, [face(0.2), face(0.8)]).left).toBe(50)
    expect(cropToFocus(crop, inside, [face(0.2), face(0.8), face(0.3)]).left).toBe(100)
  })

  it('centres the crop without regions', () => {
    expect(cropToFocus({ width: 10, height: 20 }, { width: 30, height: 20 }, [])).toEqual({
      left: 10,
      top: 0,
      width: 10,
      height: 20,
    })
  })
})

describe('clipRegion', () => {
  it('keeps the part inside the picture, and nothing of a region outside', () => {
    const rounded = (region: FocalRegion) => {
      const clipped = clipRegion(region)
      return clipped && Object.values(clipped).map((side) => Math.round(side * 1000) / 1000)
    }
    expect(rounded({ left: -0.2, top: 0.4, width: 0.4, height: 0.8 })).toEqual([0, 0.4, 0.2, 0.6])
    expect(rounded({ left: 1.2, top: 0.4, width: 0.4, height: 0.2 })).toBeUndefined()
  })
})

describe('moveInto', () => {
  it('gives the place of a region in a box that is cut out, or surrounds the picture', () => {
    const region = { left: 0.5, top: 0.5, width: 0.25, height: 0.5 }
    const from = { width: 200, height: 100 }
    expect(moveInto(region, from, { left: 50, top: 0, width: 100, height: 100 })).toEqual({
      left: 0.5,
      top: 0.5,
      width: 0.5,
      height: 0.5,
    })
    expect(moveInto(region, from, { left: -100, top: 0, width: 400, height: 100 })).toEqual({
      left: 0.5,
      top: 0.5,
      width: 0.125,
      height: 0.5,
    })
  })
})
