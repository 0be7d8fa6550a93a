import { ImgprocError, throwIfAborted } from './errors.js'
import type { ImageOp } from './operations/image-op.generated.js'
import { readOps } from './operations/parse-operations.js'
import { renderRendition } from './render/render-rendition.js'
import { decoders, fastJpeg } from './decoders/index.js'
import { openSource, wantsPreview } from './render/preview/open-source.js'
import { schemeOf } from './paths/location.js'
import { withDefaults } from './image/limits.js'
import type { FailOn, Limits, Rendered } from './image/types.js'
import type { ReadOptions } from './stores/types.js'
import { createStores } from './stores/open-stores.js'

/**
 * Anything that an image can be read from: a path, a URL (`file:`, `http:`, `https:`, `s3:`, `data:`), bytes, or a
 * stream of bytes.
 */
export type ImageInput =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>

/** Kinds of inputs, for `allow`. */
export type InputKind = 'buffer' | 'file' | 'http' | 's3' | 'data'

/** What `transform` may be told beside the operations. */
export interface TransformOptions {
  /** Ends the call with ABORTED. */
  readonly signal?: AbortSignal | undefined
  /** What the image may cost. Each has a default: 268402689 pixels, 256 MB, 1000 frames, 60 seconds. */
  readonly limits?: Partial<Limits> | undefined
  /**
   * How damaged an image may be, in sharp's words.
   * @default 'error'
   */
  readonly failOn?: FailOn | undefined
  /**
   * What the input, and files that operations name, may be: for servers that pass on what strangers send,
   * `['buffer']` or `['http']`, which then reaches nothing but public addresses.
   * @default all of them
   */
  readonly allow?: readonly InputKind[] | undefined
}

/**
 * Makes an image from an image: the operations run in the order written. Without a `format` the output keeps the
 * input's format where a browser shows it; otherwise it is JPEG, or PNG where there is alpha.
 *
 * Throws an ImgprocError: INPUT_NOT_FOUND, ACCESS_DENIED, READ_FAILED, UNSUPPORTED_FORMAT, CORRUPT_IMAGE, TOO_MANY_PIXELS, INPUT_TOO_LARGE,
 * TIMED_OUT, UNKNOWN_OPERATION, INVALID_OPERATION, ABORTED and, for a bad option, INVALID_USAGE.
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { transform } from 'imgproc'
 * const { data, info } = await transform('photo.jpg', [
 *   { thumbnail: { width: 100, height: 100 } },
 *   { rotate: 90 },
 *   { format: 'webp' },
 * ])
 * await writeFile('thumb.webp', data)
 * console.log(info.width, info.height, info.bytes)
 * ```
 */
export async function transform(
  input: ImageInput,
  ops: readonly ImageOp[],
  options: TransformOptions = {},
): Promise<Rendered> {
  // What is wrong in the call is said before anything is read.
  readOps(ops)
  const limits = withDefaults(options.limits)
  const read = (ref: string) => readInput(ref, limits.bytes, options)
  const { failOn = 'error', signal } = options
  const opening = { limits, failOn, read, decoders, fastJpeg, signal }
  const reader = {
    readHead: (to: number) => readInput(input, limits.bytes, options, [0, to]),
    readWhole: async () => {
      const bytes = await readInput(input, limits.bytes, options)
      throwIfAborted(signal)
      return bytes
    },
  }
  const mayUseHead = wantsPreview(ops) && ['file', 'http', 's3'].includes(kindOf(input))
  const image = await openSource(reader, opening, mayUseHead ? () => [ops] : undefined)
  throwIfAborted(signal)
  // A copy: what is known of a list holds for good.
  return abortable(renderRendition(image, [...ops]), signal)
}

/** Ends as soon as the signal says so: a trip through sharp that has begun runs on, but nobody waits for it. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new ImgprocError('ABORTED', 'Stopped while the image was being made.'))
    signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop))
}

const KINDS: readonly InputKind[] = ['buffer', 'file', 'http', 's3', 'data']

/** Shared by all calls, so that connections are kept. */
const open = createStores({ cwd: '.' })
const guarded = createStores({ cwd: '.', http: { allowPrivate: false } })

function kindOf(input: ImageInput): InputKind {
  if (typeof input !== 'string' && !(input instanceof URL)) return 'buffer'
  const scheme = schemeOf(String(input))
  return scheme === 'https' ? 'http' : (KINDS.find((kind) => kind === scheme) ?? 'file')
}

async function readInput(
  input: ImageInput,
  maxBytes: number,
  options: TransformOptions,
  range?: ReadOptions['range'],
): Promise<Uint8Array> {
  const { signal, allow = KINDS } = options
  const kind = kindOf(input)
  if (!allow.includes(kind)) {
    throw new ImgprocError(
      'ACCESS_DENIED',
      `This call takes no ${kind} input (allow is ${allow.join(', ')}).`,
      { stage: 'read' },
    )
  }
  if (typeof input === 'string' || input instanceof URL)
    return (options.allow === undefined ? open : guarded).read(String(input), { maxBytes, signal, range })
  const bytes = await toBytes(input, maxBytes, signal)
  if (bytes.length > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

async function toBytes(
  input: Exclude<ImageInput, string | URL>,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (input instanceof Uint8Array) return input
  if (input instanceof ArrayBuffer) return new Uint8Array(input)
  if (input instanceof Blob)
    return input.size > maxBytes
      ? Promise.reject(tooLarge(maxBytes))
      : new Uint8Array(await input.arrayBuffer())
  if (!isIterable(input)) throw notBytes()
  try {
    return await collect(input, maxBytes, signal)
  } catch (cause) {
    if (cause instanceof ImgprocError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ImgprocError('READ_FAILED', `The stream could not be read: ${why}.`, { stage: 'read', cause })
  }
}

async function collect(
  stream: AsyncIterable<unknown>,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    throwIfAborted(signal)
    if (!(chunk instanceof Uint8Array)) throw notBytes()
    length += chunk.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function notBytes(): ImgprocError {
  const message = 'The input has to be a path, a URL, bytes, a Blob or a stream of bytes.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'read' })
}

/** Node's and the web's streams are both async iterables; a caller without types may pass anything. */
function isIterable(input: unknown): input is AsyncIterable<Uint8Array> {
  return typeof input === 'object' && input !== null && Symbol.asyncIterator in input
}

function tooLarge(maxBytes: number): ImgprocError {
  return new ImgprocError('INPUT_TOO_LARGE', `The input is larger than ${maxBytes} bytes (limits.bytes).`, {
    stage: 'read',
  })
}
