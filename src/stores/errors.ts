import { ImgprocError } from '../errors.js'
import { formatBytes } from '../utils/format-bytes.js'

/** Explanations of the operating system's error codes. */
const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EBUSY: 'another program is using it',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it already exists',
  EIO: 'the disk or network drive reported an error',
  EFBIG: 'it is larger than this disk or `ulimit -f` permits',
  EILSEQ: 'its name has characters that this disk does not accept',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'a name in it is too long for the disk',
  ENFILE: 'too many files are open on this machine',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EPERM: 'the system does not permit it',
  EROFS: 'the disk is read-only',
}

const NOT_FOUND = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'])
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS'])
const OBSTRUCTED = new Set(['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'])
/** Codes of paths at which the system can never create a file. */
const IMPOSSIBLE = new Set(['ENAMETOOLONG', 'ELOOP', 'EILSEQ', 'ERR_INVALID_ARG_VALUE'])
const TOO_MANY_OPEN_FILES = new Set(['EMFILE', 'ENFILE'])

/** Returns the operating system's code of a file error, such as ENOENT; an empty string if it has none. */
export function errno(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** True if a file error means that the path does not exist, or cannot exist. */
export function isNotFound(error: unknown): boolean {
  return NOT_FOUND.has(errno(error))
}

/** True if a file name was not valid UTF-8: Node replaced bytes of it, so the file cannot be opened by this name. */
export function isInvalidUtf8(path: string): boolean {
  return path.includes('\uFFFD')
}

/** Quotes a path for a message. Escapes control characters, which could manipulate a terminal. */
export function quote(path: string): string {
  return JSON.stringify(path)
}

/** Converts an error of reading a file to an ImgprocError. */
export function toReadError(error: unknown, path: string): ImgprocError {
  if (error instanceof ImgprocError) return error
  const code = errno(error)
  const details = { stage: 'read', path, cause: error } as const
  const name = quote(path)
  if (isNotFound(error)) {
    const advice = isInvalidUtf8(path) ? 'Its name is not valid UTF-8: rename it.' : 'Check the path.'
    return new ImgprocError('INPUT_NOT_FOUND', `There is no file ${name}. ${advice}`, details)
  }
  if (DENIED.has(code)) {
    const advice = 'Give the user that runs this read access to it and to the folders above it.'
    return new ImgprocError('ACCESS_DENIED', `${name} can't be read: ${reasonOf(error)}. ${advice}`, details)
  }
  const advice = TOO_MANY_OPEN_FILES.has(code)
    ? 'Lower concurrency (--concurrency), or raise `ulimit -n`.'
    : 'Check the disk, then try again.'
  return new ImgprocError('READ_FAILED', `${name} can't be read: ${reasonOf(error)}. ${advice}`, details)
}

/** Converts an error of writing or removing a file to an ImgprocError. */
export function toWriteError(error: unknown, path: string): ImgprocError {
  if (error instanceof ImgprocError) return error
  const code = errno(error)
  const reason =
    code === 'ENOENT'
      ? 'its folder was removed, or the system creates no files there (ENOENT)'
      : reasonOf(error)
  const message = `${quote(path)} can't be written: ${reason}. ${writeAdvice(code)}`
  const retryable = !OBSTRUCTED.has(code) && !IMPOSSIBLE.has(code)
  return DENIED.has(code)
    ? new ImgprocError('ACCESS_DENIED', message, { stage: 'write', path, cause: error })
    : new ImgprocError('WRITE_FAILED', message, { stage: 'write', path, cause: error, retryable })
}

function writeAdvice(code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return 'Free some space, then run the same command again: it only makes the missing outputs.'
  if (code === 'ENAMETOOLONG') return 'Choose shorter names with path (--path).'
  if (code === 'EROFS' || code === 'ENOENT') return 'Choose another out (--out).'
  if (code === 'EINVAL' || code === 'EILSEQ')
    return 'Choose other names with path (--path), or another out (--out).'
  if (code === 'ELOOP') return 'Remove the links that lead in a circle, or choose another out (--out).'
  if (DENIED.has(code))
    return 'Give the user that runs this write access to the folder, or choose another out (--out).'
  if (TOO_MANY_OPEN_FILES.has(code)) return 'Lower concurrency (--concurrency), or raise `ulimit -n`.'
  if (OBSTRUCTED.has(code))
    return 'Move the file or folder that is in the way, or choose another out (--out) or path (--path).'
  return 'Check the disk, then try again.'
}

function reasonOf(error: unknown): string {
  const code = errno(error)
  const known = REASONS[code]
  if (known !== undefined) return `${known} (${code})`
  return error instanceof Error ? error.message : String(error)
}

/** Creates the INPUT_TOO_LARGE error of a source of a known size; size and limit in bytes. */
export function createTooLargeError(path: string, size: number, limit: number): ImgprocError {
  // Sizes that are equal when rounded are given to the byte.
  const isEqual = formatBytes(size) === formatBytes(limit)
  const [has, most] = isEqual ? [`${size} bytes`, `${limit} bytes`] : [formatBytes(size), formatBytes(limit)]
  const message = `${quote(path)} has ${has}, more than the limit of ${most}. If you trust it, raise limits.bytes (--limit-bytes).`
  return new ImgprocError('INPUT_TOO_LARGE', message, { stage: 'read', path })
}

/** Creates the INPUT_TOO_LARGE error of a stream whose size is not known; the limit in bytes. */
export function createOverLimitError(path: string, limit: number, name = quote(path)): ImgprocError {
  const message =
    `${name} is larger than the limit of ${formatBytes(limit)}. ` +
    'If you trust it, raise limits.bytes (--limit-bytes).'
  return new ImgprocError('INPUT_TOO_LARGE', message, { stage: 'read', path })
}

/** Creates the OUTPUT_COLLISION error of a write with `ifAbsent`. */
export function createExistsError(ref: string, cause?: unknown): ImgprocError {
  const message = `${quote(ref)} already exists and was not overwritten.`
  return new ImgprocError('OUTPUT_COLLISION', message, { stage: 'write', path: ref, cause })
}
