import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Metadata } from 'sharp'
import { ImgprocError, type ErrorCode } from '../errors.js'
import type { Size } from '../picture.js'
import { createDisposablePool, type CallLimits } from '../utils/disposable-pool.js'

interface DrawRequest {
  readonly svg: Uint8Array
  /** Pixels. @default the size that the file states */
  readonly size?: Size
  /** A larger drawing is not started. */
  readonly maxPixels: number
}

interface DrawResult {
  /** Header as sharp reads it, for any format. */
  readonly metadata: Metadata
  /** A PNG; undefined if the file is not an SVG or has too many pixels. */
  readonly png?: Uint8Array
  /** True if the process has used so much memory that it should end. */
  readonly spent?: boolean
}

/** `tooMuch`: the limit of memory that the process has exceeded, in bytes. */
type Answer = DrawResult | { readonly failed: string } | { readonly tooMuch: number }

/** Each takes about 60 MB. */
const MAX_PROCESSES = 2
const IDLE_SECONDS = 5
/** Enough for elaborate drawings. Files that need more are made to exhaust the memory. */
const MAX_MEGABYTES = 768
/** Added to the limit of memory: the picture, a few layers of it, and the PNG. */
const BYTES_PER_PIXEL = 24

/*
 * The program is a string because a file would be at different places in src/ and dist/. sharp draws in threads of its
 * own, so the main thread can watch the memory. SIGKILL, because an exit would wait for the drawing, even if the parent
 * process is gone.
 */
const PROGRAM = `
const sharp = require(process.argv[1])
sharp.cache(false)
const end = () => process.kill(process.pid, 'SIGKILL')
let maxBytes = ${MAX_MEGABYTES * 2 ** 20}
setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes) process.send({ tooMuch: maxBytes }, end)
}, 20)
process.on('disconnect', end)

async function draw({ svg, size, maxPixels }) {
  const options = { limitInputPixels: false }
  const metadata = await sharp(svg, options).metadata()
  const { width, height } = size ?? metadata
  if (metadata.format !== 'svg' || width * height > maxPixels) return { metadata }
  maxBytes = ${MAX_MEGABYTES * 2 ** 20} + ${BYTES_PER_PIXEL} * width * height
  const drawn = sharp(svg, options).resize({ width, height, fit: 'fill' })
  const png = await drawn.png({ compressionLevel: 1 }).toBuffer()
  return { metadata, png, spent: process.memoryUsage.rss() > ${(MAX_MEGABYTES / 2) * 2 ** 20} }
}

process.on('message', (request) =>
  draw(request).then(
    (drawn) => process.send(drawn),
    (error) => process.send({ failed: error.message }),
  ),
)
`

const pool = createDisposablePool<ChildProcess, DrawRequest, Answer>({
  size: MAX_PROCESSES,
  idleSeconds: IDLE_SECONDS,
  start: startProcess,
  // A send that fails is reported by the exit of the process.
  send: (child, request) => child.send(request, () => {}),
  kill: (child) => child.kill('SIGKILL'),
  ref(child) {
    child.ref()
    child.channel?.ref()
  },
  unref(child) {
    child.unref()
    child.channel?.unref()
  },
  isReusable: (answer) => !('tooMuch' in answer || ('spent' in answer && answer.spent)),
  createTimeoutError: () =>
    createDrawError(
      'TIMED_OUT',
      'Drawing the SVG took longer than the limit of seconds (limits.seconds, --timeout).',
    ),
  createCrashError,
})

/**
 * Draws an SVG in a child process, because only the end of its process stops librsvg. Without a size that `maxPixels`
 * allows, only the header is read.
 *
 * Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TIMED_OUT, INPUT_TOO_LARGE (too much memory), ABORTED, INTERNAL.
 */
export async function drawInProcess(request: DrawRequest, limits: CallLimits): Promise<DrawResult> {
  return readAnswer(await pool.call(request, limits))
}

function startProcess(): ChildProcess {
  const sharp = createRequire(import.meta.url).resolve('sharp')
  return fork(sharp, [], {
    // Runs the program with the path of sharp as its argument, and without the loaders of this process.
    execArgv: ['--eval', PROGRAM],
    serialization: 'advanced',
    // GLib prints warnings about odd files on stderr.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

function readAnswer(answer: Answer): DrawResult {
  if ('metadata' in answer) return answer
  if ('tooMuch' in answer) {
    const megabytes = Math.round(answer.tooMuch / 2 ** 20)
    throw createDrawError(
      'INPUT_TOO_LARGE',
      `Drawing this SVG takes more than ${megabytes} MB of memory. Make it simpler (fewer filters, layers and copies), or draw it smaller.`,
    )
  }
  throw /unsupported image format/.test(answer.failed)
    ? createDrawError('UNSUPPORTED_FORMAT', 'The file is not an image in a format that imgproc reads.')
    : createDrawError(
        'CORRUPT_IMAGE',
        `The image is damaged: this SVG cannot be drawn: ${librsvgReason(answer.failed)}.`,
      )
}

/** Returns librsvg's message without the prefixes of libvips and GLib. */
function librsvgReason(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '' && !/^(?:vips2|svgload)/.test(line))
  const reason = (lines.at(-1) ?? message).replace(/^.*?(?:of data|glib|header|svgload_buffer): /, '')
  return reason.replace(/^.*of data: /, '').replace(/\.$/, '')
}

function createDrawError(code: ErrorCode, message: string): ImgprocError {
  return new ImgprocError(code, message, { stage: 'decode' })
}

function createCrashError(cause?: unknown): ImgprocError {
  const reason = cause instanceof Error ? `: ${cause.message}` : ', most likely because it ran out of memory'
  return new ImgprocError('INTERNAL', `The process that draws SVG crashed${reason}. Try again.`, {
    stage: 'decode',
    retryable: true,
    cause,
  })
}
