import { describe, expect, it } from 'vitest'
import { FLAG_VALUES } from '../../src/operations/flag-values.generated.js'
import { acceptsTrue, hasNoParams, readFlagValue } from '../../src/operations/operation-flag.js'
import { operations } from '../../src/operations/parse-operations.js'

describe('the value of a flag', () => {
  it('is generated for every operation as its schemas have it', () => {
    expect(FLAG_VALUES).toEqual(Object.fromEntries(operations.map((op) => [op.name, readFlagValue(op)])))
  })

  it('is left out, optional or required', () => {
    const valueOf = (name: string) => {
      const op = operations.find((one) => one.name === name)!
      return [hasNoParams(op), acceptsTrue(op)]
    }
    expect(valueOf('flip')).toEqual([true, true])
    expect(valueOf('autoOrient')).toEqual([false, true])
    expect(valueOf('thumbnail')).toEqual([false, false])
  })
})
