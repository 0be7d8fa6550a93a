import { ImgprocError } from '../errors.js'

/** Creates the error of a file whose header or pixels cannot be right. */
export function createDamagedError(what: string): ImgprocError {
  return new ImgprocError('CORRUPT_IMAGE', `The image is damaged: ${what}. Replace the file.`, {
    stage: 'decode',
  })
}

/** Creates the error of a file that ends before its pixels do. */
export function createCutOffError(missing: string): ImgprocError {
  const message = `The image is damaged: it ends too early, ${missing} missing. Replace the file, or decode the part that is left with failOn none (--fail-on none).`
  return new ImgprocError('CORRUPT_IMAGE', message, { stage: 'decode' })
}

/** Creates the error of a sound file with a feature that is not read. */
export function createUnreadError(format: string, what: string): ImgprocError {
  const message = `This ${format} has ${what}, which imgproc does not read. The file is not damaged. Convert it to PNG first.`
  return new ImgprocError('UNSUPPORTED_FORMAT', message, { stage: 'decode' })
}

/** Throws TOO_MANY_PIXELS if a picture that was found in a file is larger than the limit. */
export function checkPixels(width: number, height: number, maxPixels: number): void {
  if (width * height <= maxPixels) return
  const message = `${width}x${height} is more than the limit of ${maxPixels} pixels. If you trust the file, raise limits.pixels (--limit-pixels).`
  throw new ImgprocError('TOO_MANY_PIXELS', message, { stage: 'decode' })
}
