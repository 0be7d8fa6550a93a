import { availableParallelism } from 'node:os'
import type { FastCodec } from './types.js'
import { decodeIn, encodeIn, transcodeIn, decodeScaledIn, scaleRowsIn } from './workers/calls.js'
import { createLocalCodec } from './workers/local-codec.js'
import type { CodecSlot } from './workers/types.js'
import { createWorkerPool } from './workers/worker-pool.js'
import { cutAcScans } from './parser/dc-only.js'

export interface FastCodecOptions {
  /** Maximum number of threads. @default the number of cores */
  readonly threads?: number
  /** Bytes of files, processed or expected, for each thread that starts. @default 4 MiB */
  readonly bytesPerThread?: number
  /** Seconds without a request after which idle threads end, which frees their memory. @default 5 */
  readonly idleSeconds?: number
}

/** A thread takes 35 ms to start, which is the time that it saves on files of this size. */
const BYTES_PER_THREAD = 4 * 1024 * 1024
/** Added to the bytes of each file: the thread saves a call of sharp, about 3 ms. */
const BYTES_PER_FILE = 320 * 1024
/**
 * Factor of the bytes for each thread, the caller's included, while that processes files too: it has processed six photos
 * before a new thread runs optimised code.
 */
const WHILE_STARTING = 3
/** Bytes of a file that blocks the caller's thread for at most 50 ms. */
const MAX_LOCAL_BYTES = 8 * 1024 * 1024

/**
 * Creates JPEG operations that run in threads of their own. They take at most half as long as sharp, and give the same pixels
 * and bytes. No call waits for a thread to start: until then the announced files are processed in the caller's thread; other
 * calls resolve to undefined, and the caller uses sharp. Threads do not keep the process alive. One instance serves a whole
 * process, because threads retain memory.
 *
 * @example
 * ```ts
 * const fast = createFastCodec()
 * const done = fast.expect(100e6, 1000)
 * const pixels = await fast.decode(await readFile('photo.jpg'), 8)
 * done()
 * ```
 */
export function createFastCodec(options: FastCodecOptions = {}): FastCodec {
  const { threads = availableParallelism(), bytesPerThread = BYTES_PER_THREAD, idleSeconds } = options
  const pool = createWorkerPool(idleSeconds)
  const local = createLocalCodec()
  let announcedBytes = 0
  let usedBytes = 0
  /** Announcements that have not ended. */
  let announcements = 0

  function startThreads(): void {
    const expectedBytes = Math.max(announcedBytes, usedBytes)
    const bytesFor = (count: number) =>
      announcements > 0 ? bytesPerThread * WHILE_STARTING * (count + 1) : bytesPerThread * count
    while (pool.count() < threads && expectedBytes >= bytesFor(pool.count() + 1) && !pool.hasIdle())
      pool.add()
  }

  function expect(bytes: number, files: number): () => void {
    announcements++
    announcedBytes += bytes + files * BYTES_PER_FILE
    startThreads()
    return () => {
      announcements--
      if (announcements === 0) local.free()
    }
  }

  async function use<T>(
    bytes: number,
    work: (slot: CodecSlot) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    usedBytes += bytes + BYTES_PER_FILE
    startThreads()
    const useThreads = async () => pool.use(work)
    const mayBlock = announcements > 0 && bytes <= MAX_LOCAL_BYTES
    const isThreadMissing = () => pool.ready() < threads && !pool.hasFree()
    if (!mayBlock || !isThreadMissing()) return useThreads()
    return local.inTurn(async (run) => (isThreadMissing() ? run(work) : useThreads()))
  }

  return {
    cut: cutAcScans,
    decode: async (bytes, scaleDenominator) =>
      use(bytes.length, (slot) => decodeIn(slot, { bytes, scaleDenominator })),
    decodeScaled: async (bytes, scaleDenominator, to, colours) =>
      use(bytes.length, (slot) => decodeScaledIn(slot, { bytes, scaleDenominator, colours }, to)),
    transcode: async (bytes, scaleDenominator, to, colours) =>
      use(bytes.length, (slot) => transcodeIn(slot, { bytes, scaleDenominator, colours }, to)),
    scaleRows: async (rows, to) =>
      use(
        rows.parts.reduce((sum, part) => sum + part.length, 0),
        (slot) => scaleRowsIn(slot, rows, to),
      ),
    encode: async (pixels, to) => use(pixels.bytes.length, (slot) => encodeIn(slot, pixels, to)),
    expect,
    retainedBytes: () => pool.retainedBytes() + local.retainedBytes(),
  }
}
