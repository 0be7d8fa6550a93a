import type { Store } from '../../stores/types.js'
import type { ByteRange } from './byte-range.js'

/** Bytes that are read at once: memory of each download. */
const CHUNK = 4 * 1024 * 1024

/**
 * Streams a part of a file. Reads its first bytes before it returns, so that an error can still become a response.
 *
 * @param onEnd called when the client has taken all.
 */
export async function streamFrom(
  store: Store,
  ref: string,
  [from, to]: ByteRange,
  onEnd: () => void = () => {},
): Promise<ReadableStream<Uint8Array>> {
  const read = (at: number) => store.read(ref, { range: [at, Math.min(at + CHUNK, to)] })
  let next: Uint8Array | undefined = await read(from)
  let position = from
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (position >= to) {
          controller.close()
          onEnd()
          return
        }
        const chunk = next ?? (await read(position))
        next = undefined
        if (chunk.length === 0) throw new Error('The file became shorter while it was sent.')
        position += chunk.length
        controller.enqueue(chunk)
      },
    },
    // The next chunk is read when the client wants it.
    { highWaterMark: 0 },
  )
}
