import { ImgprocError, type ErrorCode, type Stage } from '../errors.js'

/** Returns the error that a message of the library stands for. */
export function explainFailure(message: string, stage: Stage): ImgprocError {
  const reason = reasonOf(message)
  if (/out of memory|memory access|OOM/i.test(reason)) return createCrashError(new Error(reason), stage)
  return stage === 'decode'
    ? createError(
        'CORRUPT_IMAGE',
        `The JPEG XL is damaged: it cannot be decoded (${reason}). Replace the file.`,
        stage,
      )
    : createError(
        'INVALID_OPERATION',
        `The encoder of JPEG XL failed: ${reason}. Choose other options, or another format.`,
        stage,
      )
}

/** Returns the last line of a message of libvips, without the name of its function. */
function reasonOf(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '')
  return (lines.at(-1) ?? message)
    .replace(/^vips::Error,/, '')
    .replace(/^\w+: /, '')
    .replace(/\.$/, '')
}

export function createError(code: ErrorCode, message: string, stage: Stage, cause?: unknown): ImgprocError {
  return new ImgprocError(code, message, { stage, cause })
}

export function createCrashError(cause: unknown, stage: Stage): ImgprocError {
  const reason =
    cause instanceof Error ? `: ${reasonOf(cause.message)}` : ', most likely because it ran out of memory'
  return new ImgprocError(
    'INTERNAL',
    `The codec of JPEG XL crashed${reason}. Try again with a lower --concurrency, or another format.`,
    { stage, retryable: true, cause },
  )
}
