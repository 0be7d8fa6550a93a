import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ScaleDenominator, JpegSize, JpegTarget } from '../types.js'
import type { RawPixels } from '../../picture.js'
import { readBaseline } from '../parser/baseline.js'
import { writeDecodeRequest, writePixels, type Size } from '../requests/decode-request.js'
import { isSameInTiles, writeEncoding, writeScaling } from '../requests/resize-request.js'
import type { BlockSize } from '../parser/subsampling.js'
import { isPlainScans } from '../requests/scan-request.js'
import type { ScannedJpeg } from '../parser/progressive-scans.js'
import { JPEG_PAGES, JPEG_WASM } from './wasm.generated.js'
import { readProgressive } from '../parser/progressive.js'

/** Where a thread works on one file, or will. */
export interface WorkerSlot {
  readonly worker: Worker
  readonly memory: Uint8Array
  /** Has what lies there worked on. */
  readonly ask: (work: Work) => Promise<Answer>
  /** Bytes of it that have been used: the rest was never there. */
  used: number
}

type Work = 'decode' | 'shrink' | 'remake' | 'make'

/** What was made: where it is, 0 for nothing; where it ends; and where all ends that was needed for it. */
interface Answer {
  readonly start: number
  readonly end: number
  readonly used: number
}

/** Of a thread: while it works at one, what is next is put on the other, so that it never waits for this one. */
const DESKS = 2

/*
 * A text, since Node 20 starts workers only from JavaScript files. V8 compiles the same WebAssembly once for all threads,
 * first quickly and then, while that is in use, well.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const { wasm, pages, desks } = workerData
const code = new WebAssembly.Module(wasm)
const memories = Array.from(
  { length: desks },
  () => new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
)
const made = memories.map((memory) => new WebAssembly.Instance(code, { env: { memory } }).exports)
parentPort.on('message', ([index, work]) => {
  const { end, used, ...works } = made[index]
  let at = 0
  try {
    at = works[work]()
  } catch {}
  parentPort.postMessage([index, { start: at, end: end(), used: used() }])
})
parentPort.postMessage(memories.map(({ buffer }) => buffer))
`

/** Throws what the worker throws where it can't start. */
export async function startWorker(): Promise<readonly WorkerSlot[]> {
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { wasm: Buffer.from(JPEG_WASM, 'base64'), pages: JPEG_PAGES, desks: DESKS },
    // A loader that the program was started with has no business in there.
    execArgv: [],
  })
  worker.unref()
  const [memories] = (await once(worker, 'message')) as [readonly SharedArrayBuffer[]] // the first that it says
  const ask = connect(worker)
  return memories.map((memory, index) => ({
    worker,
    memory: new Uint8Array(memory),
    ask: async (work) => ask(index, work),
    used: 0,
  }))
}

/** Asks a thread at one of its desks; it holds the process for as long as it takes. Nothing is made where it dies. */
function connect(worker: Worker): (index: number, work: Work) => Promise<Answer> {
  const waiting = new Map<number, (answer: Answer) => void>()
  const tell = (index: number, answer: Answer) => {
    waiting.get(index)?.(answer)
    waiting.delete(index)
    if (waiting.size === 0) worker.unref()
  }
  worker.on('message', ([index, answer]: [number, Answer]) => tell(index, answer))
  worker.once('exit', () => {
    for (const index of waiting.keys()) tell(index, { start: 0, end: 0, used: 0 })
  })
  // Without a listener one that dies while it is idle would take the process along.
  worker.on('error', () => {})
  // Whoever listens for messages holds the process, too.
  worker.unref()
  return async (index, work) =>
    new Promise((done) => {
      waiting.set(index, done)
      worker.ref()
      worker.postMessage([index, work], [])
    })
}

/** A file's pixels; undefined where it is no plain JPEG in colour, or anything is odd. */
export async function decodeIn(
  desk: WorkerSlot,
  bytes: Uint8Array,
  part: ScaleDenominator,
): Promise<RawPixels | undefined> {
  const size = order(desk, bytes, part)
  const pixels = size && (await make(desk, 'decode'))
  return pixels && { ...size, channels: 3, bytes: pixels }
}

/** A file's pixels, scaled; undefined likewise. */
export async function decodeScaledIn(
  desk: WorkerSlot,
  bytes: Uint8Array,
  part: ScaleDenominator,
  to: JpegSize,
): Promise<RawPixels | undefined> {
  const size = order(desk, bytes, part)
  if (size === undefined || !isSameInTiles(size, to) || !writeScaling(desk.memory, size, to)) return undefined
  const pixels = await make(desk, 'shrink')
  return pixels && { width: to.width, height: to.height, channels: 3, bytes: pixels }
}

/** A file that is made of another; undefined likewise. */
export async function transcodeIn(
  desk: WorkerSlot,
  bytes: Uint8Array,
  part: ScaleDenominator,
  to: JpegTarget,
): Promise<Uint8Array | undefined> {
  const size = order(desk, bytes, part)
  return size && writeTarget(desk.memory, size, to) ? make(desk, 'remake') : undefined
}

/** A file that is made of pixels; undefined where there is no room for them. */
export async function encodeIn(
  desk: WorkerSlot,
  pixels: RawPixels,
  to: JpegTarget,
): Promise<Uint8Array | undefined> {
  const isWritten = writePixels(desk.memory, pixels) && writeTarget(desk.memory, pixels, to)
  return isWritten ? make(desk, 'make') : undefined
}

/** What is to be made of a picture; false where sharp would make something else, or there is no room. */
function writeTarget(memory: Uint8Array, from: Size, to: JpegTarget): boolean {
  // What is turned is put into memory first, in tiles.
  if (!writeScaling(memory, from, to) || (to.orientation !== 1 && !isSameInTiles(from, to))) return false
  writeEncoding(memory, to)
  return true
}

/** Sides of a block of 8x8 at a part of its size. */
const SIDES = { 1: 8, 2: 4, 4: 2, 8: 1 } as const satisfies Record<ScaleDenominator, BlockSize>

function order({ memory }: WorkerSlot, bytes: Uint8Array, part: ScaleDenominator): Size | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const side = SIDES[part]
  const jpeg = readBaseline(file) ?? readPlainScans(file, side)
  return jpeg && writeDecodeRequest(memory, file, jpeg, side)
}

/** A progressive file, if it can be decoded here. */
function readPlainScans(file: Buffer, side: BlockSize): ScannedJpeg | undefined {
  const jpeg = readProgressive(file)
  return jpeg && isPlainScans(jpeg, side) ? jpeg : undefined
}

/** A copy of what is made there, since the next is, too; undefined where there is nothing. */
async function make(desk: WorkerSlot, work: Work): Promise<Uint8Array | undefined> {
  const { start, end, used } = await desk.ask(work)
  desk.used = Math.max(desk.used, used)
  return start === 0 ? undefined : desk.memory.slice(start, end)
}
