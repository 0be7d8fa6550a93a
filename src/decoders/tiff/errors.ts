import { ImgprocError, type ErrorCode } from '../../errors.js'

/** Creates an error of decoding a TIFF. */
export function createTiffError(code: ErrorCode, message: string, cause?: unknown): ImgprocError {
  return new ImgprocError(code, message, { stage: 'decode', cause })
}

export function createUnsupportedError(what: string): ImgprocError {
  return createTiffError(
    'UNSUPPORTED_FORMAT',
    `This TIFF has ${what}, which imgproc does not read. The file is not damaged. Save it with other settings, or convert it to PNG first.`,
  )
}
