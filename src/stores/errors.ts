import { ImgprocError } from '../errors.js'

/** What the system's own codes mean, for a stranger. */
const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EBUSY: 'another program is using it',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'something is already in its place',
  EIO: 'the disk or network drive reported an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'a name in it is too long for the disk',
  ENFILE: 'too many files are open on this machine',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EPERM: 'the system does not permit it',
  EROFS: 'the disk is read-only',
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'])
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS'])
const BLOCKED = new Set(['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'])
const CROWDED = new Set(['EMFILE', 'ENFILE'])

/** The system's code of a file error, such as ENOENT; an empty text where there is none. */
export function errno(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Whether an error says that nothing is there, or that nothing could ever be there. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has(errno(error))
}

/** A name that Node can't spell: its bytes are no UTF-8, so no call by that name finds it. */
export function isUnspeakable(path: string): boolean {
  return path.includes('\uFFFD')
}

/** A path in a message: quoted, and without characters that would play tricks on a terminal. */
export function quote(path: string): string {
  return JSON.stringify(path)
}

/** What went wrong while a file was read, in the words of the house. */
export function toReadError(error: unknown, path: string): ImgprocError {
  if (error instanceof ImgprocError) return error
  const code = errno(error)
  const details = { stage: 'read', path, cause: error } as const
  const name = quote(path)
  if (isAbsent(error)) {
    const advice = isUnspeakable(path) ? 'Its name is not valid UTF-8: rename it.' : 'Check the path.'
    return new ImgprocError('INPUT_NOT_FOUND', `There is no file ${name}. ${advice}`, details)
  }
  if (DENIED.has(code)) {
    const advice = 'Give the user that runs this read access to it and to the folders above it.'
    return new ImgprocError('ACCESS_DENIED', `${name} can't be read: ${reason(error)}. ${advice}`, details)
  }
  const advice = CROWDED.has(code)
    ? 'Lower --concurrency, or raise `ulimit -n`.'
    : 'Check the disk, then try again.'
  return new ImgprocError('READ_FAILED', `${name} can't be read: ${reason(error)}. ${advice}`, details)
}

/** What went wrong while a file was written or removed, in the words of the house. */
export function toWriteError(error: unknown, path: string): ImgprocError {
  if (error instanceof ImgprocError) return error
  const code = errno(error)
  const message = `${quote(path)} can't be written: ${reason(error)}. ${writeAdvice(code)}`
  const retryable = !BLOCKED.has(code) && code !== 'ENAMETOOLONG' && code !== 'ERR_INVALID_ARG_VALUE'
  return DENIED.has(code)
    ? new ImgprocError('ACCESS_DENIED', message, { stage: 'write', path, cause: error })
    : new ImgprocError('WRITE_FAILED', message, { stage: 'write', path, cause: error, retryable })
}

function writeAdvice(code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return 'Make room, then run the same command again: it makes what is missing.'
  if (code === 'ENAMETOOLONG') return 'Choose shorter names with --path.'
  if (code === 'EROFS') return 'Choose another --out.'
  if (DENIED.has(code))
    return 'Give the user that runs this write access to the folder, or choose another --out.'
  if (CROWDED.has(code)) return 'Lower --concurrency, or raise `ulimit -n`.'
  if (BLOCKED.has(code)) return 'Move what is in the way, or choose another --out or --path.'
  return 'Check the disk, then try again.'
}

function reason(error: unknown): string {
  const code = errno(error)
  const known = REASONS[code]
  if (known !== undefined) return `${known} (${code})`
  return error instanceof Error ? error.message : String(error)
}

/** The error for a source that is larger than it may be; sizes in bytes. */
export function tooLarge(path: string, size: number, limit: number): ImgprocError {
  // Six decimals show every byte, where one would show the same number twice.
  const digits = inMegabytes(size, 1) === inMegabytes(limit, 1) ? 6 : 1
  return new ImgprocError(
    'INPUT_TOO_LARGE',
    `${quote(path)} has ${inMegabytes(size, digits)} MB, more than the limit of ` +
      `${inMegabytes(limit, digits)} MB. If you trust it, raise limits.bytes (--limit-bytes).`,
    { stage: 'read', path },
  )
}

function inMegabytes(bytes: number, digits: number): string {
  return (bytes / 1e6).toFixed(digits)
}
