import { describe, expect, it } from 'vitest'
import { planSameSize, planScaling, shrinkOnLoad } from '../../../src/render/passes/shrink-on-load.js'
import type { Step } from '../../../src/render/passes/plan-passes.js'
import { pictureOf, planned } from '../../support/planned.js'

/** Returns a step that scales 4000x3000, or another picture, to a size. */
function stepOf(name: string, input: unknown, size: string, from = '4000x3000'): Step {
  const [width = 0, height = 0] = from.split('x').map(Number)
  const [toWidth = 0, toHeight = 0] = size.split('x').map(Number)
  return {
    operation: planned(name, input),
    from: pictureOf({ width, height }),
    to: { width: toWidth, height: toHeight },
  }
}

describe('shrinkOnLoad', () => {
  it.each([
    ['100x100', '100x100', 1],
    ['100x100', '34x34', 1],
    ['300x300', '100x100', 2],
    ['399x399', '100x100', 2],
    // 100 could be rounded to 99.
    ['400x400', '100x100', 2],
    ['499x499', '100x100', 2],
    ['500x500', '100x100', 4],
    ['799x799', '100x100', 4],
    ['800x800', '100x100', 4],
    ['899x899', '100x100', 4],
    ['900x900', '100x100', 8],
    ['9000x9000', '100x100', 8],
    ['9000x300', '100x100', 2],
    ['300x9000', '100x100', 2],
  ])('decodes %s for %s at 1/%i', (from, to, denominator) => {
    const step = stepOf('thumbnail', 9, to, from)
    expect(shrinkOnLoad(step.from, step.to)).toBe(denominator)
  })
})

describe('planScaling', () => {
  it('plans a scaling to the stored orientation', () => {
    const step = stepOf('thumbnail', '400x300', '400x300')
    const plan = { scaleDenominator: 8, to: { width: 400, height: 300, orientation: 1, cover: undefined } }
    expect(planScaling(step, 1)).toEqual(plan)
    expect(planScaling(step, 4)).toEqual({ ...plan, to: { ...plan.to, orientation: 4 } })
    for (const orientation of [5, 8]) {
      const to = { width: 300, height: 400, orientation, cover: undefined }
      expect(planScaling(step, orientation)).toEqual({ ...plan, to })
    }
  })

  it('plans a covering scaling with its part to keep', () => {
    const step = stepOf('thumbnail', '300x300:fit=cover:position=right', '300x300')
    expect(planScaling(step, 1)?.to.cover).toEqual({ x: 1, y: 0.5 })
  })

  it.each<[reason: string, step: Step]>([
    ['another kernel', stepOf('resize', { width: 400, kernel: 'cubic' }, '400x300')],
    ['a search', stepOf('thumbnail', '300x300:fit=cover:position=entropy', '300x300')],
    ['a border', stepOf('resize', { width: 400, height: 400, fit: 'contain' }, '400x400')],
    ['the same width', stepOf('resize', '400x30:fit=fill', '400x30', '400x300')],
    ['the same height', stepOf('resize', '40x300:fit=fill', '40x300', '400x300')],
    ['enlarging', stepOf('resize', '500x400:fit=fill', '500x400', '400x300')],
    ['many pixels at 1/4', stepOf('thumbnail', 1000, '1000x750', '5000x3750')],
    ['many pixels at 1/1', stepOf('thumbnail', 700, '700x749', '700x750')],
  ])('leaves %s to libvips', (_, step) => {
    expect(planScaling(step, 1)).toBeUndefined()
  })

  it('has a limit of 1048576 pixels after decoding, 524288 at full size, and none at 1/8', () => {
    const half = (from: string) => planScaling(stepOf('thumbnail', 600, '600x600', from), 1)?.scaleDenominator
    expect(half('2048x2048')).toBe(2)
    expect(half('2049x2049')).toBeUndefined()
    const whole = (from: string) =>
      planScaling(stepOf('thumbnail', 400, '500x400', from), 1)?.scaleDenominator
    expect(whole('1024x512')).toBe(1)
    expect(whole('1024x513')).toBeUndefined()
  })
})

describe('planSameSize', () => {
  it('plans a copy at the stored orientation', () => {
    const size = { width: 100, height: 68 }
    const planOf = (orientation: number, to = size) => ({
      scaleDenominator: 1,
      to: { ...to, orientation, cover: undefined },
    })
    for (const orientation of [1, 4]) expect(planSameSize(size, orientation)).toEqual(planOf(orientation))
    for (const orientation of [5, 8])
      expect(planSameSize(size, orientation)).toEqual(planOf(orientation, { width: 68, height: 100 }))
  })

  it('has a limit of 524288 pixels', () => {
    expect(planSameSize({ width: 1024, height: 512 }, 1)).toBeDefined()
    expect(planSameSize({ width: 1024, height: 513 }, 1)).toBeUndefined()
  })
})
