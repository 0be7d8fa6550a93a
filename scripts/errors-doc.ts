import { ERRORS, type ErrorCode } from '../src/errors.js'
import { anchorOf, toTable } from './markdown.js'

/** When each code is reported. A new code does not compile until it has a meaning here. */
const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  INPUT_NOT_FOUND: 'The source does not exist.',
  UNSUPPORTED_FORMAT: 'No decoder here reads this format.',
  CORRUPT_IMAGE: 'The source is damaged.',
  TOO_MANY_PIXELS: 'The source or the result exceeds `limits.pixels` or `limits.frames`.',
  INPUT_TOO_LARGE: 'The source exceeds `limits.bytes`.',
  TIMED_OUT: 'A step took longer than `limits.seconds`, or a server did not answer.',
  READ_FAILED: 'The source could not be read: network, disk, broken stream.',
  WRITE_FAILED: 'The output could not be written, for example because the disk is full.',
  ACCESS_DENIED: 'Missing permission, or an input that `allow` excludes.',
  INVALID_CREDENTIALS: 'A store finds no credentials, or its server does not accept them.',
  UNAUTHORIZED: 'A server needs a token, and got none or an unknown one.',
  TOO_MANY_REQUESTS: 'A client has reached the rate limit of a server.',
  UNKNOWN_OPERATION: 'There is no operation of this name.',
  INVALID_OPERATION: 'A parameter is wrong, or does not suit the image.',
  UNKNOWN_PRESET: 'There is no preset of this name.',
  INVALID_CONFIG: 'The config, an analyzer or a store is invalid.',
  INVALID_USAGE: 'A flag, an option or a combination of them is wrong.',
  OUTPUT_LOCKED: 'Another run is writing to the output folder or the manifest.',
  OUTPUT_COLLISION: 'Two renditions would have the same path.',
  OUTPUT_OVERWRITES_INPUT: 'An output would replace a source.',
  OUTPUT_OUTSIDE_ROOT: 'A path leaves the output folder.',
  UNSAFE_CONTENT: 'A model finds the picture unsafe, and `whenUnsafe` of the preset refuses it.',
  TARGET_UNREACHABLE: '`maxBytes` is smaller than the smallest possible encoding.',
  IMAGES_FAILED: 'Images of a run failed, and `throwOnFailure` is set. `failures` lists them.',
  EXPIRED: 'An upload has been removed because its time is over.',
  RANGE_NOT_SATISFIABLE: 'A download was asked for from a byte after its end.',
  STORE_FULL: 'The disk or quota of the server is full. Nothing of the upload was kept.',
  METHOD_NOT_ALLOWED: 'A route of the server does not take this HTTP method.',
  QUEUE_UNAVAILABLE: 'The Redis of a queue cannot be used, or a worker refuses its job.',
  OVERLOADED: 'The server has too much to do, or is stopping. `Retry-After` says when to ask again.',
  ABORTED: 'The signal was aborted, or the run was interrupted.',
  INTERNAL: 'A bug. Please report it.',
}

/** Returns the table of error codes. */
export function errorsTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { exit, status, retryable }]) => [
    `[\`${code}\`](troubleshooting.md#${anchorOf(code)})`,
    MEANINGS[code as ErrorCode], // Object.entries types keys as string
    String(exit),
    String(status),
    retryable ? 'yes' : 'no',
  ])
  return toTable(['code', 'meaning', 'exit code', 'HTTP status', 'retryable'], rows)
}
