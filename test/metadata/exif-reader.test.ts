import { describe, expect, it } from 'vitest'
import { openExif } from '../../src/metadata/exif-reader.js'
import { TIFF_TYPE, writeTiff } from '../../src/metadata/tiff-directory.js'

const PHOTO_POINTER = 0x8769

describe('openExif', () => {
  it('reads a directory whose pointer is negative as empty', () => {
    const block = writeTiff([[PHOTO_POINTER, TIFF_TYPE.signedLong, 1, 0xffff_ffff]])
    const exif = openExif(block)
    expect(exif?.image.numbers(PHOTO_POINTER)).toEqual([-1])
    expect(exif?.photo.numbers(0xa001)).toEqual([])
  })
})
