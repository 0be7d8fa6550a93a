import { describe, expect, it } from 'vitest'
import type * as errors from '../src/errors.js'
import { ImgprocError } from '../src/errors.js'

describe('ImgprocError', () => {
  it('is recognised by another copy of its module', async () => {
    const copy: string = '../src/errors.js?copy'
    const other = (await import(copy)) as typeof errors // the same module
    expect(other.ImgprocError).not.toBe(ImgprocError)
    expect(new other.ImgprocError('INTERNAL', 'Why?')).toBeInstanceOf(ImgprocError)
    expect(new ImgprocError('INTERNAL', 'Why?')).toBeInstanceOf(other.ImgprocError)
    expect(new Error('Why?')).not.toBeInstanceOf(ImgprocError)
  })

  it('is not an instance of a derived class', () => {
    class Derived extends ImgprocError {}
    expect(new ImgprocError('INTERNAL', 'Why?')).not.toBeInstanceOf(Derived)
    expect(new Derived('INTERNAL', 'Why?')).toBeInstanceOf(ImgprocError)
  })
})
