import { ImgprocError, type ErrorCode, type Stage } from '../errors.js'
import { withTimeLimit } from '../utils/time-limit.js'
import { FORMATS } from './output-formats.js'
import type { FailOn } from './types.js'

const TIMED_OUT = 'The image took longer than its limit of seconds (limits.seconds, --timeout).'

interface Explanation {
  /** Matches the message of sharp or libvips. */
  readonly pattern: RegExp
  readonly code: ErrorCode
  readonly message: (original: string) => string
  /** @default the caller's stage */
  readonly stage?: Stage
}

const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /^timeout/,
    code: 'TIMED_OUT',
    message: () => TIMED_OUT,
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
    message: () => 'The image is HEIC (HEVC), and no decoder was given for it.',
  },
  {
    pattern: /unsupported image format/,
    code: 'UNSUPPORTED_FORMAT',
    message: () => 'The file is not an image in a format that imgproc reads.',
  },
  {
    // `checkFits` reports it before, with the size, if that does not depend on the pixels. libvips calls AVIF HEIF.
    pattern: /too large for the \w+ format|Maximum supported image dimension/,
    code: 'INVALID_OPERATION',
    message: (original) => {
      const label = (/the (\w+) format/.exec(original)?.[1] ?? 'JPEG').replace('HEIF', 'AVIF')
      const facts = Object.values(FORMATS).find((format) => format.label === label)
      const limit = facts && `, which holds at most ${facts.maxSide} pixels a side`
      return `The picture is too large for ${label}${limit ?? ''}. Make it smaller, or choose another format.`
    },
    stage: 'encode',
  },
  {
    // Decoding and encoding are one call of sharp. Only the name of the saver tells that the encoder failed.
    pattern: /^(?:vips2|wbuffer|heifsave|webpsave)\w*: /,
    code: 'INVALID_OPERATION',
    message: (original) =>
      `The encoder failed: ${firstLine(original)}. Choose other options, or another format.`,
    stage: 'encode',
  },
]

/**
 * Rejects with TIMED_OUT if a call of sharp takes longer than the limit of seconds. sharp's own timer only stops work on
 * pixels: neither reading a header, nor encoding AVIF. Their thread runs on, and its result is dropped.
 */
export async function limitSharp<T>(work: Promise<T>, seconds: number, stage: Stage): Promise<T> {
  return withTimeLimit(work, seconds, () => new ImgprocError('TIMED_OUT', TIMED_OUT, { stage }))
}

/**
 * Translates an error of sharp or libvips, which becomes the cause. Returns an ImgprocError unchanged.
 *
 * @param failOn setting that the source was decoded with, if another one could decode more.
 */
export function explainSharpError(error: unknown, stage: Stage, failOn: FailOn = 'none'): ImgprocError {
  if (error instanceof ImgprocError) return error
  const original = withoutWriteErrors(error instanceof Error ? error.message : String(error))
  const known = EXPLANATIONS.find(({ pattern }) => pattern.test(original))
  if (known !== undefined) {
    return new ImgprocError(known.code, known.message(original), {
      stage: known.stage ?? stage,
      cause: error,
    })
  }
  // The message leaves out libvips' own: threads share one log of errors, so it varies from run to run.
  return stage === 'decode'
    ? new ImgprocError('CORRUPT_IMAGE', failOn === 'none' ? DAMAGED : DAMAGED + ADVICE, {
        stage,
        cause: error,
      })
    : new ImgprocError('INTERNAL', UNEXPECTED, { stage, cause: error })
}

/**
 * Removes messages of savers that nothing could be written. Output goes to memory, where a write fails only because the
 * source could not be decoded. The message about that may have gone to another thread's error.
 */
function withoutWriteErrors(original: string): string {
  return original
    .split('\n')
    .filter((line) => !/unable to write to target/.test(line))
    .join('\n')
}

const DAMAGED = 'The image is damaged: it cannot be decoded completely. Replace the file.'
const ADVICE = ' If it was cut off, failOn none (--fail-on none) decodes the part that is left.'
const UNEXPECTED =
  'The image was decoded, but libvips failed to process it. Please report this with the source and its operations.'

/** Returns the first line without prefix and full stop: the other lines of libvips repeat it. */
function firstLine(text: string): string {
  const [line = text] = text.split('\n', 1)
  return line.replace(/^\w+: /, '').replace(/\.$/, '')
}
