import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import pLimit from 'p-limit'
import { ImgprocError, throwIfAborted, type ErrorCode } from '../errors.js'

/** Decoded pixels, upright. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** RGBA, 8 bits a channel. */
  readonly data: Uint8ClampedArray
}

/** What a worker is asked for. */
export interface DecodeRequest {
  readonly bytes: Uint8Array
  /** Which of the file's pictures. */
  readonly page: number
}

export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined
  /** 0 for no limit, as in sharp. */
  readonly seconds: number
}

/** Threads that decode. */
export interface HeicWorkers {
  decode(request: DecodeRequest, options: DecodeOptions): Promise<Pixels>
  /** Bytes that those hold which wait for a picture. */
  readonly retainedBytes: () => number
}

type Answer = Pixels | { readonly failed: string }

// A picture of 12 MP takes 270 MB.
const WORKERS = 2

/** Bytes a pixel that libheif's memory has grown to. */
const GROWN = 22

// The longest that a timer waits; a longer one would fire at once.
const LONGEST = 2 ** 31 - 1

/*
 * A text, since Node 20 starts workers only from JavaScript files: a module of its own would be found from dist/
 * but not from the sources. What it requires is resolved out here, because inside it would be looked for in the
 * working directory.
 *
 * libheif paints tiles that it can't decode green and only warns: the warnings are counted where heic-decode
 * gives the image back. It also prints, which may not reach the user's stdout, and is the reason when it fails.
 */
const WORKER = `
const { createRequire } = require('node:module')
const { parentPort, workerData } = require('node:worker_threads')

const said = []
for (const name of ['log', 'warn', 'error']) {
  console[name] = (...words) => said.push(words.map((word) => word?.message ?? word).join(' '))
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
  said.length = 0
  const images = await decoder.all({ buffer: bytes })
  const pixels = await images[page].decode()
  images.dispose()
  if (warnings > 0) throw new Error('parts of the picture are missing or damaged')
  return pixels
}

parentPort.on('message', (request) =>
  decode(request).then(
    ({ width, height, data }) => parentPort.postMessage({ width, height, data }, [data.buffer]),
    (error) => parentPort.postMessage({ failed: said.at(-1) ?? String(error?.message ?? error) }),
  ),
)
`

/**
 * Decodes in worker threads, which start when they are needed, take one picture at a time and end when they have
 * been idle for a while, since a worker's memory never shrinks. An idle worker doesn't hold the process.
 */
export function createHeicWorkers(module: string, idleSeconds: number): HeicWorkers {
  const limit = pLimit(WORKERS)
  const idle = new Map<Worker, NodeJS.Timeout>()
  const grown = new WeakMap<Worker, number>()

  function take(): Worker {
    // The last one used: where one is enough, the other may end.
    const waiting = [...idle].at(-1)
    if (waiting === undefined) return start()
    const [worker, timer] = waiting
    clearTimeout(timer)
    idle.delete(worker)
    worker.ref()
    return worker
  }

  function start(): Worker {
    const worker = startWorker(module)
    worker.once('exit', () => {
      clearTimeout(idle.get(worker))
      idle.delete(worker)
    })
    return worker
  }

  async function putBack(worker: Worker, { width, height }: Pixels): Promise<void> {
    if (idleSeconds === 0) {
      // Who asks next has its memory to spend.
      await worker.terminate()
      return
    }
    grown.set(worker, Math.max(grown.get(worker) ?? 0, width * height * GROWN))
    worker.unref()
    const timer = setTimeout(() => {
      idle.delete(worker)
      void worker.terminate()
    }, idleSeconds * 1000)
    idle.set(worker, timer.unref())
  }

  const decode: HeicWorkers['decode'] = (request, options) =>
    limit(async () => {
      throwIfAborted(options.signal)
      const worker = take()
      try {
        const pixels = await ask(worker, request, options)
        await putBack(worker, pixels)
        return pixels
      } catch (error) {
        // Whatever went wrong may have left its memory in pieces: the next picture gets a new one.
        await worker.terminate()
        throw error
      }
    })
  const retainedBytes = () => [...idle.keys()].reduce((sum, worker) => sum + (grown.get(worker) ?? 0), 0)
  return { decode, retainedBytes }
}

function startWorker(module: string): Worker {
  const worker = new Worker(WORKER, {
    eval: true,
    workerData: findModule(module),
    // A loader that the program was started with has no business in there.
    execArgv: [],
  })
  // Without a listener a worker that dies while it is idle would take the process along.
  worker.on('error', () => {})
  return worker
}

function findModule(module: string): string {
  try {
    return createRequire(import.meta.url).resolve(module)
  } catch (cause) {
    throw failure(
      'UNSUPPORTED_FORMAT',
      `HEIC needs the package ${module}, which is not installed: npm install ${module}`,
      cause,
    )
  }
}

/** The worker's answer, unless it dies, the time is up or the signal says stop: whichever comes first. */
async function ask(
  worker: Worker,
  { bytes, page }: DecodeRequest,
  { signal, seconds }: DecodeOptions,
): Promise<Pixels> {
  const over = new AbortController()
  const until = { signal: over.signal }
  try {
    // A copy to give away: the bytes may be a part of a larger buffer, and whoever passed them still needs them.
    const copy = Uint8Array.from(bytes)
    worker.postMessage({ bytes: copy, page }, [copy.buffer])
    const answer = await Promise.race([
      once(worker, 'message', until).then(([said]: Answer[]) => said),
      once(worker, 'exit', until).then(() => undefined),
      wait(Math.min((seconds || Infinity) * 1000, LONGEST), undefined, until).then(throwLate),
      ...(signal === undefined ? [] : [once(signal, 'abort', until).then(() => throwIfAborted(signal))]),
    ]).catch(throwDied)
    return readAnswer(answer ?? throwDied())
  } finally {
    over.abort()
  }
}

function readAnswer(answer: Answer): Pixels {
  if (!('failed' in answer)) return answer
  const said = firstLine(answer.failed)
  if (/memory|allocation|\bOOM\b/i.test(said)) throw died(`: ${said}`)
  throw /unsupported|not a heic/i.test(said)
    ? failure('UNSUPPORTED_FORMAT', `This kind of HEIC can't be decoded: ${said}.`)
    : failure('CORRUPT_IMAGE', `The image is damaged: ${said}.`)
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/\.$/, '') ?? text
}

function failure(code: ErrorCode, message: string, cause?: unknown): ImgprocError {
  return new ImgprocError(code, message, { stage: 'decode', cause })
}

function throwLate(): never {
  throw failure(
    'TIMED_OUT',
    'Decoding the HEIC took longer than the limit of seconds (limits.seconds, --timeout).',
  )
}

/** A worker that dies says why, if it can. */
function throwDied(cause?: unknown): never {
  if (cause instanceof ImgprocError) throw cause
  const reason = cause instanceof Error ? `: ${firstLine(cause.message)}` : ', most likely for want of memory'
  throw died(reason, cause)
}

function died(reason: string, cause?: unknown): ImgprocError {
  return new ImgprocError(
    'INTERNAL',
    `The HEIC decoder died${reason}. Try again with a lower --concurrency, or convert the file to JPEG first.`,
    { stage: 'decode', retryable: true, cause },
  )
}
