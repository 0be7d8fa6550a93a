import { describe, expect, it } from 'vitest'
import { ImgprocError } from '../../src/errors.js'
import { parseOp, readOps } from '../../src/operations/parse-operations.js'

/** Returns code and message of the error that readOps throws. */
function refusalOf(value: unknown): string {
  try {
    readOps(value)
  } catch (error) {
    if (error instanceof ImgprocError && error.stage === 'usage') return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('readOps accepted it')
}

describe('readOps', () => {
  it('rejects a value that is not a list', () => {
    expect(refusalOf({ thumbnail: 100 })).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected a list of operations, got {"thumbnail":100}"`,
    )
    expect(refusalOf('thumbnail')).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected a list of operations, got "thumbnail""`,
    )
    expect(refusalOf(undefined)).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected a list of operations, got nothing"`,
    )
  })

  it('rejects list items that are not operations', () => {
    expect(refusalOf(['thumbnail'])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected an operation such as { thumbnail: 100 }, got "thumbnail""`,
    )
    expect(refusalOf([null])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected an operation such as { thumbnail: 100 }, got null"`,
    )
    expect(refusalOf([{}])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected an operation such as { thumbnail: 100 }, got {}"`,
    )
    const itself: unknown[] = []
    itself.push(itself)
    expect(refusalOf(itself)).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected an operation such as { thumbnail: 100 }, got an object"`,
    )
    expect(refusalOf([[{ flip: true }]])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected an operation such as { thumbnail: 100 }, got [{"flip":true}]"`,
    )
  })

  it('rejects two operations in one object', () => {
    expect(refusalOf([{ thumbnail: 100, rotate: 90 }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: expected one operation per object, got thumbnail and rotate; use an object for each"`,
    )
  })

  it('rejects an unknown operation and suggests the nearest name', () => {
    expect(refusalOf([{ thumbnale: 100 }])).toMatchInlineSnapshot(
      `"UNKNOWN_OPERATION: There is no operation "thumbnale". Did you mean "thumbnail"?"`,
    )
    expect(refusalOf([{ Resize: 100 }])).toMatchInlineSnapshot(
      `"UNKNOWN_OPERATION: There is no operation "Resize". Did you mean "resize"?"`,
    )
    expect(refusalOf([{ greyscale: true }])).toMatchInlineSnapshot(
      `"UNKNOWN_OPERATION: There is no operation "greyscale". Did you mean "grayscale"?"`,
    )
    expect(refusalOf([{ constructor: 1 }])).toMatchInlineSnapshot(
      `"UNKNOWN_OPERATION: There is no operation "constructor". Available operations: affine, autoOrient, blur, clahe, composite, contrast, crop, density, duotone, flatten, flip, flop, format, gamma, grayscale, linear, median, metadata, modulate, negate, normalize, pad, page, pixelate, preview, recomb, redact, resize, rotate, round, sharpen, threshold, thumbnail, tint, trim, unflatten, watermark, write."`,
    )
  })

  it('rejects an unknown parameter and suggests the nearest name', () => {
    expect(refusalOf([{ thumbnail: { widht: 100 } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: unknown key "widht", did you mean "width"?"`,
    )
    expect(refusalOf([{ blur: { size: 3 } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: blur: unknown key "size", known is sigma"`,
    )
    expect(refusalOf([{ format: { type: 'jpeg', lossless: true } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: unknown key "lossless", known are type, maxBytes, neverGrow, quality, similarity, progressive, chromaSubsampling, mozjpeg, optimiseCoding, trellisQuantisation, overshootDeringing, optimiseScans, quantisationTable"`,
    )
    expect(refusalOf([{ flip: { both: true } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: flip: unknown key "both""`,
    )
  })

  it('rejects a value of the wrong type', () => {
    expect(refusalOf([{ thumbnail: 'big' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: expected a size such as 100 or 100x100, got "big""`,
    )
    expect(refusalOf([{ thumbnail: '100x' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: expected a size such as 100 or 100x100, got "100x""`,
    )
    expect(refusalOf([{ thumbnail: { width: '100' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: width: expected a whole number of pixels from 1 to 100000, got "100""`,
    )
    expect(refusalOf([{ thumbnail: null }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: expected a size such as 100 or 100x100, got null"`,
    )
    expect(refusalOf([{ format: { type: 'webp', quality: 'high' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: quality: expected a whole number from 1 to 100, or auto, got "high""`,
    )
    expect(refusalOf([{ rotate: 'left' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: rotate: expected an angle in degrees, -3600 to 3600, got "left""`,
    )
    expect(refusalOf([{ flip: 'yes' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: flip: expected true, got "yes""`,
    )
    expect(refusalOf([{ resize: { width: 100, enlarge: 'yes' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: resize: enlarge: expected true or false, got "yes""`,
    )
    expect(refusalOf([{ thumbnail: 100n }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: expected a size such as 100 or 100x100, got a bigint"`,
    )
    expect(refusalOf([{ thumbnail: () => 100 }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: expected a size such as 100 or 100x100, got a function"`,
    )
    expect(refusalOf([{ autoOrient: 1 }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: autoOrient: expected true or false, got 1"`,
    )
  })

  it('rejects a value out of range', () => {
    expect(refusalOf([{ thumbnail: 0 }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: expected a whole number of pixels from 1 to 100000, got 0"`,
    )
    expect(refusalOf([{ thumbnail: { width: 100.5 } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: width: expected a whole number of pixels from 1 to 100000, got 100.5"`,
    )
    expect(refusalOf([{ resize: '200000x100' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: resize: width: expected a whole number of pixels from 1 to 100000, got 200000"`,
    )
    expect(refusalOf([{ resize: '0%' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: resize: expected a percentage above 0%, got "0%""`,
    )
    expect(refusalOf([{ crop: '100x100@-5x0' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: crop: left: expected a whole number of pixels from 0 to 100000, got -5"`,
    )
    expect(refusalOf([{ rotate: Number.NaN }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: rotate: expected an angle in degrees, -3600 to 3600, got NaN"`,
    )
    expect(refusalOf([{ rotate: 1e9 }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: rotate: expected an angle in degrees, -3600 to 3600, got 1000000000"`,
    )
    expect(refusalOf([{ blur: 0.1 }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: blur: expected a number from 0.3 to 1000, got 0.1"`,
    )
    expect(refusalOf([{ sharpen: { sigma: 1, m1: -1 } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: sharpen: m1: expected a number from 0 to 1000000, got -1"`,
    )
    expect(refusalOf([{ format: { type: 'jpeg', quality: 101 } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: quality: expected a whole number from 1 to 100, got 101"`,
    )
    expect(refusalOf([{ format: { type: 'avif', bitdepth: 9 } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: bitdepth: expected 8, 10 or 12, got 9"`,
    )
  })

  it('names a box and an aspect ratio if a crop is neither', () => {
    for (const crop of ['16by9', '16', ''])
      expect(refusalOf([{ crop }])).toContain(
        'crop: expected a box such as 200x100 or 200x100@10x20, or an aspect ratio such as 16:9 or 4/3, got',
      )
    expect(refusalOf([{ crop: '16:0' }])).toBe(
      'INVALID_OPERATION: crop: aspect: expected an aspect ratio such as 16:9, 16/9 or 1.5, got "16:0"',
    )
  })

  it('rejects a word that is not allowed and lists the allowed ones', () => {
    expect(refusalOf([{ format: 'wepb' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: expected one of jpeg, png, webp, avif, jxl, gif, tiff, auto, got "wepb", did you mean "webp"?"`,
    )
    expect(refusalOf([{ format: 'jepg' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: expected one of jpeg, png, webp, avif, jxl, gif, tiff, auto, got "jepg", did you mean "jpeg"?"`,
    )
    expect(refusalOf([{ format: { type: 'bmp' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: type: expected one of jpeg, png, webp, avif, jxl, gif, tiff, auto, got "bmp""`,
    )
    expect(refusalOf([{ format: {} }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: type: expected one of jpeg, png, webp, avif, jxl, gif, tiff, auto, got nothing"`,
    )
    expect(refusalOf([{ resize: { width: 9, height: 9, fit: 'stretch' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: resize: fit: expected one of cover, contain, fill, inside, outside, got "stretch""`,
    )
    expect(refusalOf([{ thumbnail: { width: 9, position: 'atention' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: position: expected one of centre, center, top, right, bottom, left, north, northeast, east, southeast, south, southwest, west, northwest, attention, entropy, metadata, faces, objects, a focal point such as 30%x40%, or a focal region inside the picture such as 20%x30%@10%x15%, got "atention", did you mean "attention"?"`,
    )
    expect(refusalOf([{ metadata: ['icc', 'comments'] }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: metadata: [1]: expected strip, keep, or any of icc, exif, copyright, gps, xmp, iptc, gainmap, got "comments""`,
    )
    expect(refusalOf([{ metadata: [] }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: metadata: expected strip, keep, or any of icc, exif, copyright, gps, xmp, iptc, gainmap, got []"`,
    )
  })

  it('rejects an invalid colour', () => {
    expect(refusalOf([{ flatten: 'whiteish' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: flatten: expected a colour such as white, ff8800, #ff8800cc or transparent (quote one that is all digits), got "whiteish""`,
    )
    expect(refusalOf([{ flatten: 123456 }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: flatten: expected a colour such as white or ff8800 (quote one that is all digits), got 123456"`,
    )
    expect(refusalOf([{ rotate: { angle: 30, background: '#12345' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: rotate: background: expected a colour such as white, ff8800, #ff8800cc or transparent (quote one that is all digits), got "#12345""`,
    )
  })

  it('rejects missing values', () => {
    expect(refusalOf([{ thumbnail: {} }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: thumbnail: expected a width, a height or both, got {}"`,
    )
    expect(refusalOf([{ resize: { fit: 'fill' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: resize: expected a width, a height or both, got {"fit":"fill"}"`,
    )
    expect(refusalOf([{ crop: { width: 100 } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: crop: expected a width and a height, or an aspect, got {"width":100}"`,
    )
    expect(refusalOf([{ crop: { width: 100, height: 100, aspect: '1:1' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: crop: expected either an aspect, or a width and height with optional left and top, got {"width":100,"height":100,"aspect":"1:1"}"`,
    )
    expect(refusalOf([{ rotate: { background: 'white' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: rotate: angle: expected an angle in degrees, -3600 to 3600, got nothing"`,
    )
    expect(refusalOf([{ blur: undefined }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: blur: expected a number from 0.3 to 1000, got nothing"`,
    )
  })

  it('rejects values that contradict each other', () => {
    expect(
      refusalOf([{ resize: { width: 9, height: 9, fit: 'contain', position: 'entropy' } }]),
    ).toMatchInlineSnapshot(
      `"INVALID_OPERATION: resize: position: expected an edge or corner if fit is contain, got "entropy""`,
    )
    expect(refusalOf([{ crop: { aspect: '0:1' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: crop: aspect: expected an aspect ratio such as 16:9, 16/9 or 1.5, got "0:1""`,
    )
  })

  it('rejects a setting given twice', () => {
    expect(refusalOf([{ format: 'webp' }, { thumbnail: 100 }, { format: 'png' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format is set twice; it applies to the whole list, so keep one"`,
    )
    expect(refusalOf([{ metadata: 'keep' }, { metadata: 'keep' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: metadata is set twice; it applies to the whole list, so keep one"`,
    )
  })

  it('names all mistakes of an operation', () => {
    expect(refusalOf([{ resize: { width: -1, fit: 'big', kernel: 'lanczos' } }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: resize: width: expected a whole number of pixels from 1 to 100000, got -1; fit: expected one of cover, contain, fill, inside, outside, got "big"; kernel: expected one of nearest, linear, cubic, mitchell, lanczos2, lanczos3, mks2013, mks2021, got "lanczos", did you mean "lanczos2"?"`,
    )
  })

  it('names the position of the operation in the list', () => {
    expect(() => readOps([{ flip: true }, { rotat: 90 }], 'ops')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: ops[1]: There is no operation "rotat". Did you mean "rotate"?]`,
    )
    expect(() => readOps([{ flip: true }, { rotate: 'x' }], 'ops')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: ops[1]: rotate: expected an angle in degrees, -3600 to 3600, got "x"]`,
    )
  })
})

describe('parseOp', () => {
  it('rejects text with an unknown operation, parameter or value', () => {
    expect(() => parseOp('thumbnail', 'big')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: thumbnail: expected a size such as 100 or 100x100, got "big"]`,
    )
    expect(() => parseOp('rotate', '')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: rotate: expected an angle in degrees, -3600 to 3600, got ""]`,
    )
    expect(() => parseOp('flip', '5')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: flip: expected true, got 5]`,
    )
    expect(() => parseOp('format', 'webp:quality=high')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: format: quality: expected a whole number from 1 to 100, or auto, got "high"]`,
    )
    expect(() => parseOp('format', 'webp:qualty=80')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: format: unknown key "qualty", did you mean "quality"?]`,
    )
    expect(() => parseOp('format', 'bmp:quality=80')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: format: expected one of jpeg, png, webp, avif, jxl, gif, tiff, auto, got "bmp"]`,
    )
    expect(() => parseOp('metadata', 'icc:comments')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: metadata: keep[1]: expected strip, keep, or any of icc, exif, copyright, gps, xmp, iptc, gainmap, got "comments"]`,
    )
    expect(() => parseOp('rotat', '90')).toThrowErrorMatchingInlineSnapshot(
      `[ImgprocError: There is no operation "rotat". Did you mean "rotate"?]`,
    )
  })
})
