import { describe, expect, it } from 'vitest'
import {
  areLibrariesVerified,
  explainUnverifiedLibraries,
} from '../../../src/render/passes/verified-libraries.js'

describe('the library versions of sharp', () => {
  it('are verified for the sharp that is installed', () => {
    expect(areLibrariesVerified()).toBe(true)
    expect(explainUnverifiedLibraries()).toBeUndefined()
  })

  it.each([
    ['another libvips', { vips: '8.99.0', mozjpeg: '0826579' }, 'libvips 8.99.0 with mozjpeg 0826579'],
    ['a libvips without mozjpeg', { vips: '8.18.7' }, 'libvips 8.18.7 with mozjpeg unknown'],
  ])('turn the fast JPEG path off with %s, and say so', (_, versions, found) => {
    expect(areLibrariesVerified(versions)).toBe(false)
    expect(explainUnverifiedLibraries(versions)).toContain(`this sharp has ${found}.`)
  })
})
