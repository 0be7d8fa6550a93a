import { ImgprocError, type Stage } from '../errors.js'

/** What sharp and libvips say, in words for people; what they said is the cause. */
export function explainSharp(error: unknown, stage: Stage): ImgprocError {
  if (error instanceof ImgprocError) return error
  const said = error instanceof Error ? error.message : String(error)
  const make = (code: ConstructorParameters<typeof ImgprocError>[0], message: string) =>
    new ImgprocError(code, message, { stage, cause: error })

  if (said.startsWith('timeout')) {
    return make('TIMED_OUT', 'The image took longer than its limit of seconds (limits.seconds, --timeout).')
  }
  if (/exceeds pixel limit/.test(said)) {
    return make(
      'TOO_MANY_PIXELS',
      'The image has more pixels than the limit (limits.pixels, --limit-pixels).',
    )
  }
  if (/compression format has not been built in/.test(said)) {
    return make(
      'UNSUPPORTED_FORMAT',
      'The image is HEIC (HEVC), which this version does not decode. Convert it to JPEG first.',
    )
  }
  if (/unsupported image format/.test(said)) {
    return make('UNSUPPORTED_FORMAT', 'The file is not an image in a format that imgproc reads.')
  }
  if (/too large for the (\w+) format/.test(said)) {
    return make('INVALID_OPERATION', `${firstLine(said)}. Make it smaller, or choose another format.`)
  }
  if (stage === 'decode') {
    return make('CORRUPT_IMAGE', `The image is damaged: ${firstLine(said)}.`)
  }
  return make('INTERNAL', `The image could not be processed: ${firstLine(said)}.`)
}

/** libvips repeats itself line by line; the first says it. */
function firstLine(text: string): string {
  return text
    .split('\n', 1)[0]!
    .replace(/^\w+: /, '')
    .replace(/\.$/, '')
}
