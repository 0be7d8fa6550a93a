import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import type { Metadata } from 'sharp'
import pLimit from 'p-limit'
import { ImgprocError, throwIfAborted, type ErrorCode } from '../errors.js'
import type { Size } from '../picture.js'

/** What a process is asked for. */
interface DrawRequest {
  readonly svg: Uint8Array
  /** Pixels; the size that the file has by itself unless given. */
  readonly size?: Size
  /** A larger drawing isn't begun. */
  readonly maxPixels: number
}

interface Drawn {
  /** What sharp reads from the header, whatever kind of file it is. */
  readonly metadata: Metadata
  /** A PNG; of what is no SVG or too large, none. */
  readonly png?: Uint8Array
  /** Whether so much memory went into it that the process had better end. */
  readonly spent?: boolean
}

export interface DrawLimits {
  readonly signal?: AbortSignal | undefined
  /** 0 for no limit, as in sharp. */
  readonly seconds: number
}

type Answer = Drawn | { readonly failed: string } | { readonly tooMuch: number }

/** A process takes about 60 MB. */
const PROCESSES = 2
const IDLE_SECONDS = 5
/** Enough for elaborate drawings; beyond it are files that were made to exhaust a machine. */
const MEGABYTES = 768
/** The picture itself, a few layers of it and the PNG. */
const BYTES_A_PIXEL = 24
// The longest that a timer waits; a longer one would fire at once.
const LONGEST = 2 ** 31 - 1

/*
 * A text, since from dist/ and from the sources a file of its own would be found in different places. sharp draws in
 * threads of its own, so that the main one is free to watch the memory. SIGKILL, because an exit would wait for the
 * drawing, also when the parent is gone.
 */
const PROGRAM = `
const sharp = require(process.argv[1])
sharp.cache(false)
const end = () => process.kill(process.pid, 'SIGKILL')
let most = ${MEGABYTES * 2 ** 20}
setInterval(() => {
  if (process.memoryUsage.rss() > most) process.send({ tooMuch: most }, end)
}, 20)
process.on('disconnect', end)

async function draw({ svg, size, maxPixels }) {
  const options = { limitInputPixels: false }
  const metadata = await sharp(svg, options).metadata()
  const { width, height } = size ?? metadata
  if (metadata.format !== 'svg' || width * height > maxPixels) return { metadata }
  most = ${MEGABYTES * 2 ** 20} + ${BYTES_A_PIXEL} * width * height
  const drawn = sharp(svg, options).resize({ width, height, fit: 'fill' })
  const png = await drawn.png({ compressionLevel: 1 }).toBuffer()
  return { metadata, png, spent: process.memoryUsage.rss() > ${(MEGABYTES / 2) * 2 ** 20} }
}

process.on('message', (request) =>
  draw(request).then(
    (drawn) => process.send(drawn),
    (error) => process.send({ failed: error.message }),
  ),
)
`

const limit = pLimit(PROCESSES)
const idle = new Map<ChildProcess, NodeJS.Timeout>()

/**
 * Draws in a process of its own: what runs inside librsvg can't be stopped by anything but its end. Processes start
 * when they are needed, take one drawing at a time, end when they have been idle for a while, and hold nobody up.
 *
 * Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TIMED_OUT, INPUT_TOO_LARGE (too much memory), ABORTED, INTERNAL.
 */
export function drawInProcess(request: DrawRequest, limits: DrawLimits): Promise<Drawn> {
  return limit(async () => {
    throwIfAborted(limits.signal)
    const child = takeIdle() ?? start()
    const answer = await ask(child, request, limits).catch((error: unknown) => {
      child.kill('SIGKILL')
      throw error
    })
    if ('tooMuch' in answer || ('spent' in answer && answer.spent)) child.kill('SIGKILL')
    else putBack(child)
    return readAnswer(answer)
  })
}

function takeIdle(): ChildProcess | undefined {
  // The last one used: where one is enough, the other may end.
  const waiting = [...idle].at(-1)
  if (waiting === undefined) return undefined
  const [child, timer] = waiting
  clearTimeout(timer)
  idle.delete(child)
  child.ref()
  child.channel?.ref()
  return child
}

function start(): ChildProcess {
  const sharp = createRequire(import.meta.url).resolve('sharp')
  const child = fork(sharp, [], {
    // The program instead of the module, which is its argument. A loader has no business in there.
    execArgv: ['--eval', PROGRAM],
    serialization: 'advanced',
    // GLib complains about odd files on stderr.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.once('exit', () => {
    clearTimeout(idle.get(child))
    idle.delete(child)
  })
  // Without a listener a process that can't be started would take this one along.
  child.on('error', () => {})
  return child
}

function putBack(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
  idle.set(child, setTimeout(() => child.kill('SIGKILL'), IDLE_SECONDS * 1000).unref())
}

/** The answer, unless the process dies, the time is up or the signal says stop: whichever comes first. */
async function ask(
  child: ChildProcess,
  request: DrawRequest,
  { signal, seconds }: DrawLimits,
): Promise<Answer> {
  const over = new AbortController()
  const until = { signal: over.signal }
  try {
    const answer = Promise.race([
      once(child, 'message', until).then(([said]: Answer[]) => said),
      once(child, 'exit', until).then(() => undefined),
      wait(Math.min((seconds || Infinity) * 1000, LONGEST), undefined, until).then(throwLate),
      ...(signal === undefined ? [] : [once(signal, 'abort', until).then(() => throwIfAborted(signal))]),
    ])
    // A process that is gone already says so by its exit.
    child.send(request, () => {})
    return (await answer.catch(throwDied)) ?? throwDied()
  } finally {
    over.abort()
  }
}

function readAnswer(answer: Answer): Drawn {
  if ('metadata' in answer) return answer
  if ('tooMuch' in answer) {
    const megabytes = Math.round(answer.tooMuch / 2 ** 20)
    throw failure(
      'INPUT_TOO_LARGE',
      `Drawing this SVG takes more than ${megabytes} MB of memory. Make it simpler (fewer filters, layers and copies), or draw it smaller.`,
    )
  }
  throw /unsupported image format/.test(answer.failed)
    ? failure('UNSUPPORTED_FORMAT', 'The file is not an image in a format that imgproc reads.')
    : failure('CORRUPT_IMAGE', `The image is damaged: this SVG can not be drawn: ${reasonIn(answer.failed)}.`)
}

/** librsvg's own words, without those of libvips and GLib around them. */
function reasonIn(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/^(?:vips2|svgload)/.test(line))
  const words = (lines.at(-1) ?? said).replace(/^.*?(?:of data|glib|header|svgload_buffer): /, '')
  return words.replace(/^.*of data: /, '').replace(/\.$/, '')
}

function failure(code: ErrorCode, message: string, cause?: unknown): ImgprocError {
  return new ImgprocError(code, message, { stage: 'decode', cause })
}

function throwLate(): never {
  throw failure(
    'TIMED_OUT',
    'Drawing the SVG took longer than the limit of seconds (limits.seconds, --timeout).',
  )
}

function throwDied(cause?: unknown): never {
  if (cause instanceof ImgprocError) throw cause
  const reason = cause instanceof Error ? `: ${cause.message}` : ', most likely for want of memory'
  throw new ImgprocError('INTERNAL', `The process that draws SVG died${reason}. Try again.`, {
    stage: 'decode',
    retryable: true,
    cause,
  })
}
