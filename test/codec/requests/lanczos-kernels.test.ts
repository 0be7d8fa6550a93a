import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resizedLength, planResize, type Axis } from '../../../src/codec/requests/lanczos-kernels.js'

const axisOf = (from: number, to: number): Axis => ({
  from,
  factor: from / to,
  first: 0,
  count: to,
  origin: 0,
  restart: Infinity,
})

/** Returns the first input pixel and the weights of an output pixel. */
function kernelOf({ kernels, taps }: NonNullable<ReturnType<typeof planResize>>, index: number) {
  const view = new DataView(kernels.buffer, kernels.byteOffset, kernels.byteLength)
  const weights = view.getUint32(index * 8 + 4, true)
  return {
    first: view.getInt32(index * 8, true),
    weights: Array.from({ length: taps }, (_, tap) => view.getInt16(weights + tap * 2, true)),
  }
}

describe('planResize', () => {
  it('returns kernels with a sum of 1, centered on each output pixel’s input', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 2000 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (from, part) => {
          const to = Math.max(1, Math.floor(from * part))
          const plan = planResize(axisOf(from, to))
          if (plan === undefined || plan.taps === 0) return
          expect(plan.shrink).toBe(Math.max(1, Math.floor(from / to / 2)))
          for (const index of [0, Math.floor(to / 2), to - 1]) {
            const { first, weights } = kernelOf(plan, index)
            const sum = weights.reduce((total, weight) => total + weight, 0)
            expect(Math.abs(sum - 4096)).toBeLessThanOrEqual(plan.taps)
            const middle = weights.reduce((total, weight, tap) => total + weight * (first + tap), 0) / sum
            const wanted = ((index + 0.5) * (from / to)) / plan.shrink - 0.5
            expect(Math.abs(middle - wanted)).toBeLessThan(0.2)
          }
        },
      ),
    )
  })

  it('needs no kernel for an unchanged length, and averages whole pixels first', () => {
    expect(planResize(axisOf(100, 100))).toMatchObject({ shrink: 1, shrunkLength: 100, taps: 0 })
    expect(planResize(axisOf(100, 10))).toMatchObject({ shrink: 5, shrunkLength: 20 })
  })

  it('returns the same kernels for a part of an axis as for the whole', () => {
    const whole = planResize({ ...axisOf(500, 133), factor: 3.75 })!
    const part = planResize({ ...axisOf(500, 133), factor: 3.75, first: 16, count: 100 })!
    expect(resizedLength(500, 3.75)).toBe(133)
    for (const index of [0, 50, 99]) expect(kernelOf(part, index)).toEqual(kernelOf(whole, index + 16))
  })

  it('returns undefined beyond the end of an axis, and if too many pixels are averaged', () => {
    expect(planResize({ ...axisOf(500, 133), factor: 3.75, first: 34, count: 100 })).toBeUndefined()
    expect(planResize(axisOf(60_000, 10))).toBeUndefined()
  })
})
