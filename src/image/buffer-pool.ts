/** Memory that sources are read into, one after the other. */
export interface Buffers {
  /** Memory of so many bytes, with whatever is in it. */
  readonly take: (bytes: number) => Buffer
  /** Takes memory back that nobody looks at any more. What isn't of here is left to the garbage collector. */
  readonly give: (bytes: Uint8Array) => void
}

/** Bytes that are kept for the next at most. */
const MOST = 64 * 1024 * 1024
/** The least that is made. */
const LEAST = 64 * 1024

/**
 * Memory that is used again. V8 is told of fresh memory for each photo, and looks through its whole heap for every few
 * tens of megabytes of it: 18 times instead of once for 336 photos, a thirtieth of all that their thumbnails took.
 *
 * @example
 * ```ts
 * const { take, give } = createBuffers()
 * const bytes = await store.read('photos/a.jpg', { allocate: take })
 * give(bytes)
 * ```
 */
export function createBuffers(): Buffers {
  const lent = new WeakSet<ArrayBufferLike>()
  const free: ArrayBufferLike[] = []
  let kept = 0
  return {
    take(bytes) {
      const fits = free.filter(({ byteLength }) => byteLength >= bytes)
      const tightest = fits.toSorted((a, b) => a.byteLength - b.byteLength)[0]
      if (tightest !== undefined) {
        free.splice(free.indexOf(tightest), 1)
        kept -= tightest.byteLength
      }
      const memory = tightest ?? Buffer.allocUnsafeSlow(roundUp(bytes)).buffer
      lent.add(memory)
      return Buffer.from(memory, 0, bytes)
    },
    give({ buffer }) {
      if (!lent.delete(buffer) || kept + buffer.byteLength > MOST) return
      free.push(buffer)
      kept += buffer.byteLength
    },
  }
}

/** Pages that nobody writes to are never handed out, so that a little more costs nothing. */
function roundUp(bytes: number): number {
  return Math.max(LEAST, 2 ** Math.ceil(Math.log2(bytes)))
}
