import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { ImgprocError, type Stage } from '../errors.js'
import { createDisposablePool, type CallLimits } from '../utils/disposable-pool.js'
import { createCrashError, createError, explainFailure } from './codec-errors.js'
import {
  checkMemory,
  effortOf,
  ENCODE_BYTES,
  JXL_DECODE_BYTES,
  jxlEncodeBytes,
  LIBRARY_BYTES,
} from './memory.js'
import { PROGRAM } from './program.js'
import type { JxlEncoding, JxlPixels, JxlTimeline } from './types.js'

export interface JxlCodecOptions {
  /** Package or path of a module with the interface of wasm-vips. @default 'wasm-vips' */
  readonly module?: string
  /** Seconds after which an idle worker ends and frees its memory. With 0 each picture gets a new worker. @default 5 */
  readonly idleSeconds?: number
}

/** Part of a decoding request that damage concerns. */
type FailOn = 'none' | 'truncated' | 'error' | 'warning'

/**
 * Decodes and encodes JPEG XL by libjxl, in worker threads.
 *
 * It gets bare codestreams: of some files that were made from JPEGs libvips does not take the boxes.
 *
 * All functions throw UNSUPPORTED_FORMAT if wasm-vips is not installed, INPUT_TOO_LARGE, TIMED_OUT, ABORTED, and INTERNAL if a
 * thread crashes.
 */
export interface JxlCodec {
  /** Reads the frames of an animation without decoding them; undefined for a single one. Throws CORRUPT_IMAGE. */
  timeline(codestream: Uint8Array, limits: CallLimits): Promise<JxlTimeline | undefined>
  /** Decodes upright pixels, frames one below the other. Throws CORRUPT_IMAGE. */
  decode(codestream: Uint8Array, request: DecodeRequest, limits: CallLimits): Promise<JxlPixels>
  /** Returns a file without EXIF and XMP. Throws INVALID_OPERATION. */
  encode(pixels: JxlPixels, encoding: JxlEncoding, limits: CallLimits): Promise<Buffer<ArrayBuffer>>
  /** Returns the bytes that idle threads hold. */
  readonly retainedBytes: () => number
}

/** A picture to decode, as its header describes it. */
export interface DecodeRequest {
  readonly width: number
  readonly height: number
  /** Frames; the first if there is 1. */
  readonly pages: number
  readonly failOn: FailOn
}

type Request =
  | { readonly task: 'timeline'; readonly bytes: Uint8Array }
  | { readonly task: 'decode'; readonly bytes: Uint8Array; readonly pages: number; readonly failOn: FailOn }
  | { readonly task: 'encode'; readonly pixels: JxlPixels; readonly options: object }

type Answer =
  | { readonly timeline: JxlTimeline | undefined }
  | JxlPixels
  | { readonly file: Uint8Array<ArrayBuffer>; readonly pixels: number }
  | { readonly failed: string }

/** Each has as many threads as the machine has cores. */
const MAX_WORKERS = 2
/** Cores beyond which libjxl gains little. */
const MAX_THREADS = 8
/** About the quality of a JPEG with 80. */
const DEFAULT_QUALITY = 80

/** A larger picture leaves memory behind in pieces. */
const MAX_REUSED_BYTES = 400e6

/**
 * Creates a codec. It works on two pictures at a time, in worker threads that start at the first one.
 *
 * @example
 * ```ts
 * const codec = createJxlCodec()
 * const grey = { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) } as const
 * const file = await codec.encode(grey, { lossless: true }, { seconds: 60 })
 * ```
 */
export function createJxlCodec({ module = 'wasm-vips', idleSeconds = 5 }: JxlCodecOptions = {}): JxlCodec {
  const createPool = (stage: Stage) => createWorkers(module, idleSeconds, stage)
  const [decoders, encoders] = [createPool('decode'), createPool('encode')]
  return {
    async timeline(bytes, limits) {
      const answer = readAnswer(await decoders.call({ task: 'timeline', bytes }, limits), 'decode')
      return 'timeline' in answer ? answer.timeline : undefined
    },
    async decode(bytes, { width, height, pages, failOn }, limits) {
      checkMemory(width * height * pages, JXL_DECODE_BYTES, 'decode')
      const answer = await decoders.call({ task: 'decode', bytes, pages, failOn }, limits)
      return readAnswer(answer, 'decode') as JxlPixels
    },
    async encode(pixels, encoding, limits) {
      const count = pixels.width * pixels.height * (pixels.timeline?.pages ?? 1)
      const effort = effortOf(encoding, count)
      checkMemory(count, jxlEncodeBytes({ effort }), 'encode')
      const options = toOptions({ ...encoding, effort })
      const answer = await encoders.call({ task: 'encode', pixels, options }, limits)
      const { file } = readAnswer(answer, 'encode') as Extract<Answer, { file: unknown }>
      return Buffer.from(file.buffer, file.byteOffset, file.length)
    },
    retainedBytes: () => decoders.retainedBytes() + encoders.retainedBytes(),
  }
}

/** Returns options of libvips' `jxlsave`. */
function toOptions({ quality, distance, lossless = false, effort, decodingSpeed }: JxlEncoding): object {
  return {
    effort,
    ...(lossless ? { lossless } : distance !== undefined ? { distance } : { Q: quality ?? DEFAULT_QUALITY }),
    ...(decodingSpeed !== undefined && { tier: decodingSpeed }),
  }
}

function createWorkers(module: string, idleSeconds: number, stage: Stage) {
  return createDisposablePool<Worker, Request, Answer>({
    size: MAX_WORKERS,
    idleSeconds,
    start: () => startWorker(module),
    send(worker, request) {
      // A copy to transfer: the caller still needs the bytes, and they may be part of a larger buffer. sharp's memory of pixels
      // can't be transferred.
      const bytes = 'bytes' in request ? Uint8Array.from(request.bytes) : undefined
      worker.postMessage({ ...request, ...(bytes && { bytes }) }, bytes ? [bytes.buffer] : [])
    },
    kill: (worker) => worker.terminate(),
    ref: (worker) => worker.ref(),
    unref: (worker) => worker.unref(),
    // A failure may have left the codec's memory corrupt.
    isReusable: (answer) => !('failed' in answer) && heldBytes(answer) < MAX_REUSED_BYTES,
    retainedBytes: heldBytes,
    createTimeoutError: () =>
      createError(
        'TIMED_OUT',
        `${VERBS[stage]} the JPEG XL took longer than the limit of seconds (limits.seconds, --timeout).`,
        stage,
      ),
    createCrashError: (cause) => createCrashError(cause, stage),
  })
}

const VERBS: Partial<Record<Stage, string>> = { decode: 'Decoding', encode: 'Encoding' }

/** Returns the bytes that a worker holds after an answer. */
function heldBytes(answer: Answer): number {
  if ('width' in answer) {
    const pages = answer.timeline?.pages ?? 1
    return LIBRARY_BYTES + answer.width * answer.height * pages * JXL_DECODE_BYTES
  }
  return LIBRARY_BYTES + ('file' in answer ? answer.pixels * ENCODE_BYTES.slow : 0)
}

function startWorker(module: string): Worker {
  return new Worker(PROGRAM, {
    eval: true,
    workerData: { module: findModule(module), threads: Math.min(availableParallelism(), MAX_THREADS) },
    // Without the loaders that the process was started with.
    execArgv: [],
    // Nothing that the library prints reaches the terminal.
    stdout: true,
    stderr: true,
  })
}

function findModule(module: string): string {
  try {
    return createRequire(import.meta.url).resolve(module)
  } catch (cause) {
    const message = `JPEG XL needs the package ${module}, which is not installed: npm install ${module}`
    throw new ImgprocError('UNSUPPORTED_FORMAT', message, { stage: 'decode', cause })
  }
}

function readAnswer(answer: Answer, stage: Stage): Exclude<Answer, { failed: unknown }> {
  if ('failed' in answer) throw explainFailure(answer.failed, stage)
  return answer
}
