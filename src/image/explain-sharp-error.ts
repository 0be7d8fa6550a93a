import { ImgprocError, type ErrorCode, type Stage } from '../errors.js'

interface Explanation {
  /** In what sharp or libvips say. */
  readonly pattern: RegExp
  readonly code: ErrorCode
  readonly message: (said: string) => string
  /** Where it happens whenever it is said; else where the caller was. */
  readonly stage?: Stage
}

const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /^timeout/,
    code: 'TIMED_OUT',
    message: () => 'The image took longer than its limit of seconds (limits.seconds, --timeout).',
    // Another rendition may be faster.
    stage: 'render',
  },
  {
    pattern: /exceeds pixel limit/,
    code: 'TOO_MANY_PIXELS',
    message: () => 'The image has more pixels than the limit (limits.pixels, --limit-pixels).',
  },
  {
    pattern: /compression format has not been built in/,
    code: 'UNSUPPORTED_FORMAT',
    message: () => 'The image is HEIC (HEVC), and no decoder for it was given.',
  },
  {
    pattern: /unsupported image format/,
    code: 'UNSUPPORTED_FORMAT',
    message: () => 'The file is not an image in a format that imgproc reads.',
  },
  {
    pattern: /too large for the \w+ format/,
    code: 'INVALID_OPERATION',
    message: (said) => `${firstLine(said)}. Make it smaller, or choose another format.`,
    stage: 'encode',
  },
  {
    // Decoding and encoding run in one go: whose fault it is only the name of the saver tells.
    pattern: /^(?:vips2|wbuffer|heifsave|webpsave)\w*: /,
    code: 'INVALID_OPERATION',
    message: (said) => `The encoder says: ${firstLine(said)}. Choose other options, or another format.`,
    stage: 'encode',
  },
]

/** What sharp and libvips say, in words for people; what they said is the cause. */
export function explainSharpError(error: unknown, stage: Stage): ImgprocError {
  if (error instanceof ImgprocError) return error
  const said = withoutConsequences(error instanceof Error ? error.message : String(error))
  const known = EXPLANATIONS.find(({ pattern }) => pattern.test(said))
  if (known !== undefined) {
    return new ImgprocError(known.code, known.message(said), { stage: known.stage ?? stage, cause: error })
  }
  // What libvips says stays in the cause: threads share its words, so that they vary from run to run.
  return stage === 'decode'
    ? new ImgprocError('CORRUPT_IMAGE', DAMAGED, { stage, cause: error })
    : new ImgprocError('INTERNAL', 'The image could not be processed.', { stage, cause: error })
}

/**
 * What libvips says, but for savers' complaints that nothing could be written: here they write into memory, and that
 * fails only where there are no pixels to be had. Why there are none another thread may have taken out of its words.
 */
function withoutConsequences(said: string): string {
  return said
    .split('\n')
    .filter((line) => !/unable to write to target/.test(line))
    .join('\n')
}

const DAMAGED =
  'The image is damaged: it can not be decoded whole. Replace it; of one that was cut off, failOn none (--fail-on none) takes what is there.'

/** libvips repeats itself line by line; the first says it. */
function firstLine(text: string): string {
  const [line = text] = text.split('\n', 1)
  return line.replace(/^\w+: /, '').replace(/\.$/, '')
}
