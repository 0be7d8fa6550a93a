import { ImgprocError, throwIfAborted } from './errors.js'
import type { ImageOp } from './operations/image-op.generated.js'
import { loadOperations } from './operations/own/load-operations.js'
import type { CustomOperations } from './operations/own/types.js'
import { readOps } from './operations/parse-operations.js'
import { renderRendition } from './render/render-rendition.js'
import { decoders, fastCodec } from './decoders/index.js'
import { createFinder } from './analyzers/vision/finder.js'
import { openSource, wantsPreview } from './render/preview/open-source.js'
import { schemeOf } from './paths/location.js'
import { withDefaults } from './image/limits.js'
import type { FailOn, Limits, Rendered } from './image/types.js'
import type { ReadOptions } from './stores/types.js'
import { createStores } from './stores/create-stores.js'
import { collectStream } from './utils/collect-stream.js'

/**
 * An image: a path, a URL (`file:`, `http:`, `https:`, `s3:`, `gs:`, `az:`, `data:`), bytes, a Blob, or a stream of bytes (Node.js or
 * web).
 */
export type ImageInput =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>

/** Kind of an input, for `allow`. `http` includes `https:`. */
export type InputKind = 'buffer' | 'file' | 'http' | 's3' | 'gs' | 'az' | 'data'

/** Options of `transform`. */
export interface TransformOptions {
  /** Rejects the call with ABORTED. Work that sharp has begun is not interrupted; its result is dropped. */
  readonly signal?: AbortSignal | undefined
  /** Limits of one image. Defaults: 268402689 pixels, 256 MB, 1000 frames, 60 seconds. */
  readonly limits?: Partial<Limits> | undefined
  /**
   * Lowest level of damage that counts as a failure, as in sharp.
   * @default 'error'
   */
  readonly failOn?: FailOn | undefined
  /**
   * Kinds of input that may be read, for the input and for files that operations name. If users choose the input,
   * restrict it to `['buffer']` or `['http']`. If `allow` is given, HTTP requests reach public addresses only.
   * @default all kinds, and private addresses too
   */
  readonly allow?: readonly InputKind[] | undefined
  /** Your own operations by name: the modules that export them, or the operations. */
  readonly operations?: CustomOperations | undefined
}

/**
 * Applies operations to an image, in the order written, and encodes the result. Without a `format`, the output keeps
 * the input's format if browsers support it; otherwise it is PNG if the image has alpha, or else JPEG.
 *
 * Throws an ImgprocError: INPUT_NOT_FOUND, ACCESS_DENIED, READ_FAILED, UNSUPPORTED_FORMAT, CORRUPT_IMAGE,
 * TOO_MANY_PIXELS, INPUT_TOO_LARGE, TIMED_OUT, UNKNOWN_OPERATION, INVALID_OPERATION, TARGET_UNREACHABLE, ABORTED, and
 * INVALID_USAGE for a bad option.
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
  if (options.operations !== undefined) await loadOperations(options.operations, '.')
  // Reports a mistake in the call before anything is read.
  readOps(ops)
  // Recipes are cached by their list, and the caller may change its own.
  const list = [...ops]
  const limits = withDefaults(options.limits)
  const read = (ref: string) => readInput(ref, limits.bytes, options)
  const { failOn = 'error', signal } = options
  const openOptions = { limits, failOn, read, findRegions, decoders, fastCodec, signal }
  const reader = {
    readHead: (to: number) => readInput(input, limits.bytes, options, [0, to]),
    readWhole: async () => {
      const bytes = await readInput(input, limits.bytes, options)
      throwIfAborted(signal)
      return bytes
    },
  }
  const mayUseHead = wantsPreview(list) && ['file', 'http', 's3', 'gs', 'az'].includes(kindOf(input))
  const image = await openSource(reader, openOptions, mayUseHead ? () => [list] : undefined)
  throwIfAborted(signal)
  return abortable(renderRendition(image, list), signal)
}

/** Rejects with ABORTED as soon as the signal aborts. The work itself runs on, and its result is dropped. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new ImgprocError('ABORTED', 'Cancelled while the image was being rendered.'))
    signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop))
}

const KINDS: readonly InputKind[] = ['buffer', 'file', 'http', 's3', 'gs', 'az', 'data']

const { findRegions } = createFinder({}, '.')

/** Shared by all calls, so that connections are reused. */
const allStores = createStores({ cwd: '.' })
const publicStores = createStores({ cwd: '.', http: { allowPrivate: false } })

function kindOf(input: ImageInput): InputKind {
  if (typeof input !== 'string' && !(input instanceof URL)) return 'buffer'
  const scheme = schemeOf(String(input))
  return scheme === 'https' ? 'http' : (KINDS.find((kind) => kind === scheme) ?? 'file')
}

/**
 * Reads the bytes of an input.
 *
 * Throws ACCESS_DENIED for a kind that is not allowed, INVALID_USAGE, INPUT_TOO_LARGE, and the errors of its store.
 *
 * @internal
 */
export async function readInput(
  input: ImageInput,
  maxBytes: number,
  options: Pick<TransformOptions, 'allow' | 'signal'>,
  range?: ReadOptions['range'],
): Promise<Uint8Array> {
  const { signal, allow = KINDS } = options
  const kind = kindOf(input)
  if (!allow.includes(kind)) {
    throw new ImgprocError(
      'ACCESS_DENIED',
      `Inputs of kind ${kind} are not allowed (allow: ${allow.join(', ') || 'none'}).`,
      { stage: 'read' },
    )
  }
  if (typeof input === 'string' || input instanceof URL) {
    const stores = options.allow === undefined ? allStores : publicStores
    return stores.read(String(input), { maxBytes, signal, range })
  }
  const bytes = await toBytes(input, maxBytes, signal)
  if (bytes.length > maxBytes) throw createTooLargeError(maxBytes)
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
      ? Promise.reject(createTooLargeError(maxBytes))
      : new Uint8Array(await input.arrayBuffer())
  if (!isIterable(input)) throw createNotBytesError()
  try {
    return await collectStream(input, {
      maxBytes,
      signal,
      createLimitError: () => createTooLargeError(maxBytes),
      createChunkError: createNotBytesError,
    })
  } catch (cause) {
    if (cause instanceof ImgprocError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ImgprocError('READ_FAILED', `The stream could not be read: ${why}.`, { stage: 'read', cause })
  }
}

function createNotBytesError(): ImgprocError {
  const message = 'The input must be a path, a URL, bytes, a Blob or a stream of bytes.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'read' })
}

/** Streams of Node.js and of the web are both async iterable. JavaScript callers may pass anything. */
function isIterable(input: unknown): input is AsyncIterable<Uint8Array> {
  return typeof input === 'object' && input !== null && Symbol.asyncIterator in input
}

function createTooLargeError(maxBytes: number): ImgprocError {
  return new ImgprocError('INPUT_TOO_LARGE', `The input is larger than ${maxBytes} bytes (limits.bytes).`, {
    stage: 'read',
  })
}
