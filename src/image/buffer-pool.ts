/** Pool of memory that sources are read into. */
export interface Buffers {
  /** Returns a buffer of so many bytes, with arbitrary content. */
  readonly take: (bytes: number) => Buffer
  /** Takes back memory that is no longer used. Memory that is not from this pool is left to the garbage collector. */
  readonly give: (bytes: Uint8Array) => void
}

const MAX_RETAINED_BYTES = 64 * 1024 * 1024
const MIN_BUFFER_BYTES = 64 * 1024

/**
 * Creates a pool that keeps up to 64 MB for reuse. Each new buffer adds to V8's count of external memory, and a full garbage
 * collection follows every few tens of megabytes: 18 instead of 1 for 336 photos, 3 % of the time of their thumbnails.
 *
 * @example
 * ```ts
 * const { take, give } = createBuffers()
 * const bytes = await store.read('photos/a.jpg', { allocate: take })
 * give(bytes)
 * ```
 */
export function createBuffers(): Buffers {
  const inUse = new WeakSet<ArrayBufferLike>()
  const free: ArrayBufferLike[] = []
  let retainedBytes = 0
  return {
    take(bytes) {
      const fitting = free.filter(({ byteLength }) => byteLength >= bytes)
      const smallest = fitting.toSorted((a, b) => a.byteLength - b.byteLength)[0]
      if (smallest !== undefined) {
        free.splice(free.indexOf(smallest), 1)
        retainedBytes -= smallest.byteLength
      }
      const memory = smallest ?? Buffer.allocUnsafeSlow(roundUp(bytes)).buffer
      inUse.add(memory)
      return Buffer.from(memory, 0, bytes)
    },
    give({ buffer }) {
      if (!inUse.delete(buffer) || retainedBytes + buffer.byteLength > MAX_RETAINED_BYTES) return
      free.push(buffer)
      retainedBytes += buffer.byteLength
    },
  }
}

/** Rounds up to a power of two, so that buffers fit more files. The kernel maps no pages that are never written to. */
function roundUp(bytes: number): number {
  return Math.max(MIN_BUFFER_BYTES, 2 ** Math.ceil(Math.log2(bytes)))
}
