import { describe, expect, it } from 'vitest'
import {
  areLibrariesVerified,
  explainUnverifiedLibraries,
} from '../../../src/render/passes/verified-libraries.js'

const SAME = { vips: '8.18.7', mozjpeg: '0826579', lcms: '2.19.1' }

describe('the library versions of sharp', () => {
  it('are verified for the sharp that is installed', () => {
    expect(areLibrariesVerified()).toBe(true)
    expect(explainUnverifiedLibraries()).toBeUndefined()
  })

  it.each([
    ['another libvips', { ...SAME, vips: '8.99.0' }, 'libvips 8.99.0 with mozjpeg 0826579 and lcms 2.19.1'],
    ['another mozjpeg', { ...SAME, mozjpeg: '1' }, 'libvips 8.18.7 with mozjpeg 1 and lcms 2.19.1'],
    ['another lcms', { ...SAME, lcms: '2.16' }, 'libvips 8.18.7 with mozjpeg 0826579 and lcms 2.16'],
    ['a libvips alone', { vips: '8.18.7' }, 'libvips 8.18.7 with mozjpeg unknown and lcms unknown'],
    ['no versions', {}, 'libvips unknown with mozjpeg unknown and lcms unknown'],
  ])('turn the fast JPEG path off with %s, and say so', (_, versions, found) => {
    expect(areLibrariesVerified(versions)).toBe(false)
    expect(explainUnverifiedLibraries(versions)).toBe(
      `off: it was verified with libvips 8.18.7 with mozjpeg 0826579 and lcms 2.19.1, and this sharp has ${found}. ` +
        'sharp makes all JPEGs instead, which takes longer. Update imgproc, or install the sharp version that it asks for.',
    )
  })
})
