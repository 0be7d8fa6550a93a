import { describe, expect, it } from 'vitest'
import type { Picture } from '../../../src/picture.js'
import {
  applyToPicture,
  isColourful,
  nextPass,
  type PlannedPass,
} from '../../../src/render/passes/plan-passes.js'
import { pictureOf, planned } from '../../support/planned.js'

type Written = readonly [name: string, input?: unknown]

const plan = (ops: readonly Written[], change: Partial<Picture> = {}) =>
  nextPass(
    ops.map(([name, input]) => planned(name, input)),
    pictureOf(change),
  )

const namesOf = (steps: PlannedPass['steps']) => steps.map(({ operation }) => operation.name)

const sizesOf = ({ steps }: PlannedPass) =>
  steps.map(({ from, to }) => `${from.width}x${from.height} ${to.width}x${to.height}`)

describe('plan of a pass', () => {
  it('has the picture before and after each step', () => {
    const pass = plan([
      ['rotate', 90],
      ['crop', '300x200'],
    ])
    expect(pass).toMatchObject({ from: pictureOf(), isSizeKnown: true, needsColour: false })
    expect(namesOf(pass.steps)).toEqual(['rotate'])
    expect(
      namesOf(
        plan([
          ['thumbnail', 100],
          ['crop', '50x50'],
          ['pad', 5],
        ]).steps,
      ),
    ).toEqual(['thumbnail', 'crop', 'pad'])
    expect(
      sizesOf(
        plan([
          ['thumbnail', 100],
          ['crop', '50x50'],
          ['pad', 5],
        ]),
      ),
    ).toEqual(['400x300 100x75', '100x75 50x50', '50x50 60x60'])
    expect(pass.to).toMatchObject({ width: 300, height: 400 })
    expect(pass.rest.map(({ name }) => name)).toEqual(['crop'])
  })

  it('leaves out operations without effect', () => {
    const pass = plan([
      ['resize', 400],
      ['contrast', 1],
      ['blur', 1],
    ])
    expect([namesOf(pass.steps), pass.rest]).toEqual([['blur'], []])
  })

  it('ends after an operation whose size depends on the pixels', () => {
    const pass = plan([['trim'], ['blur', 1], ['flip']])
    expect(pass).toMatchObject({ isSizeKnown: false, to: { width: 400, height: 300 } })
    expect([namesOf(pass.steps), pass.rest.map(({ name }) => name)]).toEqual([['trim'], ['blur', 'flip']])
  })

  it('moves a scaling before turns, with the sides swapped by quarter turns', () => {
    expect(
      sizesOf(
        plan([
          ['rotate', 90],
          ['thumbnail', 100],
        ]),
      ),
    ).toEqual(['400x300 100x75', '400x300 300x400'])
    expect(sizesOf(plan([['flip'], ['resize', 200]]))).toEqual(['400x300 200x150', '400x300 400x300'])
    expect(
      sizesOf(
        plan([
          ['rotate', 180],
          ['resize', 200],
        ]),
      )[0],
    ).toBe('400x300 200x150')
    expect(
      sizesOf(
        plan([
          ['rotate', 270],
          ['resize', 150],
        ]),
      )[0],
    ).toBe('400x300 200x150')
    expect(sizesOf(plan([['flip'], ['rotate', 90], ['resize', 150]]))[0]).toBe('400x300 200x150')
    expect(
      plan([
        ['rotate', 90],
        ['thumbnail', 100],
      ]).to,
    ).toMatchObject({ width: 75, height: 100 })
  })

  it.each<[reason: string, ops: readonly Written[], change: Partial<Picture>]>([
    ['the decoder cannot shrink', [['flip'], ['resize', 200]], { shrinks: false }],
    ['the scaling crops', [['flip'], ['resize', '200x200']], {}],
    ['a step does more than turn', [['flip'], ['blur', 1], ['resize', 200]], {}],
  ])('leaves a scaling to the next pass if %s', (_, ops, change) => {
    const pass = plan(ops, change)
    expect(namesOf(pass.steps)).toEqual(ops.slice(0, -1).map(([name]) => name))
    expect(pass.rest.map(({ name }) => name)).toEqual(['resize'])
  })

  it('converts grey to RGB in a pass that adds a colour', () => {
    const pad: Written = ['pad', '5:background=red']
    expect(plan([pad, ['negate']], { space: 'grey' })).toMatchObject({
      needsColour: true,
      to: { space: 'rgb' },
    })
    expect(plan([['pad', '5:background=white']], { space: 'grey' })).toMatchObject({
      needsColour: false,
      to: { space: 'grey' },
    })
    expect(plan([pad])).toMatchObject({ needsColour: false, to: { space: 'rgb' } })
    expect(plan([pad, ['trim']], { space: 'grey' })).toMatchObject({ needsColour: true, isSizeKnown: true })
    expect(plan([['pad', '5:background=red'], ['flip']], { space: 'grey' }).rest).toHaveLength(1)
  })

  it('adds a colour in the next pass to a picture that this pass converts to grey', () => {
    const pass = plan([['grayscale'], ['pad', '5:background=red'], ['negate']])
    expect([namesOf(pass.steps), pass.rest.map(({ name }) => name)]).toEqual([
      ['grayscale'],
      ['pad', 'negate'],
    ])
    expect(pass).toMatchObject({ needsColour: false, to: { space: 'grey' } })
    expect(namesOf(plan([['grayscale'], ['pad', '5:background=white']]).steps)).toEqual(['grayscale', 'pad'])
  })
})

describe('operations of one pass', () => {
  it('include a crop after a scaling, even behind other operations', () => {
    expect(
      namesOf(
        plan([
          ['resize', 100],
          ['rotate', 90],
          ['crop', '9x9'],
        ]).steps,
      ),
    ).toEqual(['resize', 'rotate', 'crop'])
  })

  it('include a colour that is added to RGB', () => {
    expect(
      namesOf(
        plan(
          [
            ['flatten', 'red'],
            ['tint', 'navy'],
          ],
          { alpha: true },
        ).steps,
      ),
    ).toEqual(['flatten', 'tint'])
  })
})

describe('applyToPicture', () => {
  it('changes size, alpha and space', () => {
    const change = (name: string, input: unknown, from: Partial<Picture> = {}) =>
      applyToPicture(planned(name, input), pictureOf(from))
    expect(change('rotate', 90)).toEqual(pictureOf({ width: 300, height: 400 }))
    expect(change('trim', true)).toEqual(pictureOf())
    expect(change('round', 5)).toEqual(pictureOf({ alpha: true }))
    expect(change('grayscale', true)).toEqual(pictureOf({ space: 'grey' }))
    expect(change('tint', 'navy', { space: 'grey' })).toEqual(pictureOf({ space: 'rgb' }))
    expect(change('tint', 'white', { space: 'grey' })).toEqual(pictureOf({ space: 'grey' }))
    expect(change('tint', 'navy', { space: 'cmyk' })).toEqual(pictureOf({ space: 'cmyk' }))
  })

  it.each<[name: string, input: unknown, vector: boolean]>([
    ['contrast', 2, true],
    ['flatten', 'white', true],
    ['gamma', 2, true],
    ['grayscale', true, true],
    ['modulate', { hue: 9 }, true],
    ['negate', true, true],
    ['normalize', true, true],
    ['threshold', 9, true],
    ['tint', 'navy', true],
    ['rotate', 90, true],
    ['flip', true, true],
    ['crop', '400x300', true],
    ['pad', 0, true],
    ['rotate', 45, false],
    ['crop', '40x30', false],
    ['blur', 1, false],
    ['resize', 9, false],
  ])('leaves a drawing a drawing after %s %j: %j', (name, input, vector) => {
    expect(applyToPicture(planned(name, input), pictureOf({ vector: true })).vector).toBe(vector)
    expect(applyToPicture(planned(name, input), pictureOf()).vector).toBe(false)
  })
})

describe('isColourful', () => {
  it('is true for an operation that adds a colour which is no grey', () => {
    expect(isColourful(planned('flatten', 'red'))).toBe(true)
    expect(isColourful(planned('flatten', '777'))).toBe(false)
    expect(isColourful(planned('negate'))).toBe(false)
    expect(isColourful(planned('pad', '5:fill=copy:background=red'))).toBe(false)
  })
})
