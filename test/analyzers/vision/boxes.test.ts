import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  intersectionOverUnion,
  isSame,
  keepBest,
  sortByImportance,
  toFinding,
} from '../../../src/analyzers/vision/boxes.js'

const fraction = fc.integer({ min: 0, max: 1000 }).map((value) => value / 1000)
const box = fc
  .record({ left: fraction, top: fraction, width: fraction, height: fraction, score: fraction })
  .filter(({ width, height }) => width > 0 && height > 0)

describe('boxes', () => {
  it('overlap themselves by 1, and each other by the same amount in both orders', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(intersectionOverUnion(a, a)).toBeCloseTo(1, 9)
        expect(intersectionOverUnion(a, b)).toBeCloseTo(intersectionOverUnion(b, a), 9)
        expect(intersectionOverUnion(a, b)).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })

  it('are kept once for each thing, the surest first, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.uniqueArray(box, { selector: ({ score }) => score }), (boxes) => {
        const kept = keepBest(boxes)
        expect(kept).toEqual(keepBest(boxes.toReversed()))
        expect(kept.map(({ score }) => score)).toEqual(
          kept.map(({ score }) => score).toSorted((a, b) => b - a),
        )
        for (const one of boxes) expect(kept.some((other) => isSame(one, other))).toBe(true)
        for (const one of kept) expect(kept.filter((other) => isSame(one, other))).toHaveLength(1)
      }),
    )
  })

  it('are the more important, the larger and the nearer to the middle they are', () => {
    const at = (left: number, top: number, side: number) => ({
      left,
      top,
      width: side,
      height: side,
      score: 0.9,
    })
    const [small, corner, middle, large] = [
      at(0.45, 0.45, 0.1),
      at(0, 0, 0.2),
      at(0.4, 0.4, 0.2),
      at(0, 0, 0.5),
    ]
    expect(sortByImportance([small, corner, middle, large])).toEqual([large, middle, corner, small])
  })

  it('are cut off at the borders of the picture', () => {
    fc.assert(
      fc.property(box, ({ left, top, width, height }) => {
        const found = toFinding({ left: left - 0.5, top: top * 2 - 0.5, width, height })
        expect(Math.min(...Object.values(found))).toBeGreaterThanOrEqual(0)
        expect(found.left + found.width).toBeLessThanOrEqual(1 + 1e-9)
        expect(found.top + found.height).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })
})
