import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { ImgprocError, type ErrorCode } from '../errors.js'
import { createDisposablePool, type CallLimits } from '../utils/disposable-pool.js'

/** Decoded pixels, upright. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** RGBA, 8 bits a channel. */
  readonly data: Uint8ClampedArray
}

interface DecodeRequest {
  readonly bytes: Uint8Array
  /** Index of the image in the file. */
  readonly page: number
}

/** Decodes HEIC in worker threads. */
export interface HeicWorkers {
  /** Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TIMED_OUT, ABORTED, or INTERNAL if the thread crashes. */
  decode(request: DecodeRequest, limits: CallLimits): Promise<Pixels>
  /** Returns the bytes that idle threads hold. */
  readonly retainedBytes: () => number
}

type Answer = Pixels | { readonly failed: string }

/** A picture of 12 MP takes 270 MB in each. */
const MAX_WORKERS = 2

/** Bytes per pixel to which the memory of libheif grows. */
const RETAINED_BYTES_PER_PIXEL = 22

/*
 * The worker's program is a string because Node 20 starts workers only from JavaScript files, and such a file would be at
 * different places in src/ and dist/. The path of the decoder is resolved outside, because the worker would look for it in
 * the working directory.
 *
 * libheif paints tiles green that it can't decode, and only warns: the program counts the warnings when heic-decode
 * releases the image. libheif also prints. That must not reach stdout, and is the reason of a failure.
 */
const PROGRAM = `
const { createRequire } = require('node:module')
const { parentPort, workerData } = require('node:worker_threads')

// Errors of libheif are objects with a code and perhaps a message.
const describe = (word) =>
  typeof word === 'object' && word !== null ? (word.message || JSON.stringify(word)) : String(word)
const printed = []
for (const name of ['log', 'warn', 'error']) {
  console[name] = (...words) => printed.push(words.map(describe).join(' '))
}
const decoder = require(workerData)

let warnings = 0
try {
  const libheif = createRequire(workerData)('libheif-js/wasm-bundle')
  const release = libheif.heif_image_release
  libheif.heif_image_release = (image) => {
    warnings += libheif._heif_image_get_decoding_warnings?.(image.$$.ptr, 0, 0, 0) ?? 0
    return release(image)
  }
} catch {}

async function decode({ bytes, page }) {
  warnings = 0
  printed.length = 0
  const images = await decoder.all({ buffer: bytes })
  const pixels = await images[page].decode()
  images.dispose()
  if (warnings > 0) throw new Error('parts of the picture are missing or damaged')
  return pixels
}

parentPort.on('message', (request) =>
  decode(request).then(
    ({ width, height, data }) => parentPort.postMessage({ width, height, data }, [data.buffer]),
    (error) => parentPort.postMessage({ failed: printed.at(-1) ?? describe(error) }),
  ),
)
`

/**
 * Decodes in threads, at most 2 at a time. A thread ends when it has been idle for a while, because its memory never
 * shrinks. An idle thread does not keep the process alive.
 *
 * @param module with the interface of heic-decode.
 * @param idleSeconds 0 ends a thread after each picture.
 */
export function createHeicWorkers(module: string, idleSeconds: number): HeicWorkers {
  const pool = createDisposablePool<Worker, DecodeRequest, Answer>({
    size: MAX_WORKERS,
    idleSeconds,
    start: () => startWorker(module),
    send(worker, { bytes, page }) {
      // A copy to transfer: the caller still needs the bytes, and they may be part of a larger buffer.
      const copy = Uint8Array.from(bytes)
      worker.postMessage({ bytes: copy, page }, [copy.buffer])
    },
    kill: (worker) => worker.terminate(),
    ref: (worker) => worker.ref(),
    unref: (worker) => worker.unref(),
    // A failure may have left the decoder's memory corrupt.
    isReusable: (answer) => !('failed' in answer),
    retainedBytes: (answer) =>
      'failed' in answer ? 0 : answer.width * answer.height * RETAINED_BYTES_PER_PIXEL,
    createTimeoutError: () =>
      createDecodeError(
        'TIMED_OUT',
        'Decoding the HEIC took longer than the limit of seconds (limits.seconds, --timeout).',
      ),
    createCrashError: (cause) =>
      createCrashError(
        cause instanceof Error
          ? `: ${firstLine(cause.message)}`
          : ', most likely because it ran out of memory',
        cause,
      ),
  })
  return {
    decode: async (request, limits) => readAnswer(await pool.call(request, limits)),
    retainedBytes: pool.retainedBytes,
  }
}

function startWorker(module: string): Worker {
  return new Worker(PROGRAM, {
    eval: true,
    workerData: findModule(module),
    // Without the loaders that the process was started with.
    execArgv: [],
  })
}

function findModule(module: string): string {
  try {
    return createRequire(import.meta.url).resolve(module)
  } catch (cause) {
    throw createDecodeError(
      'UNSUPPORTED_FORMAT',
      `HEIC needs the package ${module}, which is not installed: npm install ${module}`,
      cause,
    )
  }
}

function readAnswer(answer: Answer): Pixels {
  if (!('failed' in answer)) return answer
  const reason = firstLine(answer.failed)
  // libheif counts these among errors of memory.
  if (/security limit|invalid image size/i.test(reason)) {
    const message = `The image is damaged: it announces sizes that are zero, too large, or contradict each other (${reason}).`
    throw createDecodeError('CORRUPT_IMAGE', message)
  }
  if (/memory|allocation|\bOOM\b/i.test(reason)) throw createCrashError(`: ${reason}`)
  throw /unsupported|not a heic/i.test(reason)
    ? createDecodeError('UNSUPPORTED_FORMAT', `This kind of HEIC can't be decoded: ${reason}.`)
    : createDecodeError('CORRUPT_IMAGE', `The image is damaged: ${reason}.`)
}

/** Returns the first line without the full stop at its end. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/\.$/, '') ?? text
}

function createDecodeError(code: ErrorCode, message: string, cause?: unknown): ImgprocError {
  return new ImgprocError(code, message, { stage: 'decode', cause })
}

function createCrashError(reason: string, cause?: unknown): ImgprocError {
  return new ImgprocError(
    'INTERNAL',
    `The HEIC decoder crashed${reason}. Try again with a lower --concurrency, or convert the file to JPEG first.`,
    { stage: 'decode', retryable: true, cause },
  )
}
