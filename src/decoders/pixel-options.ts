import type { DecoderOptions } from '../image/types.js'
import { createPause } from '../image/pause.js'

/** How pixels are decoded. */
export interface PixelOptions {
  /** Decodes the part that is there of a damaged file. */
  readonly isLenient: boolean
  /** Lets other work go on. Call it from time to time. Throws ABORTED and TIMED_OUT. */
  readonly pause: () => Promise<void>
}

/** Returns the options for a decoder that works in this thread. */
export function pixelOptions(options: DecoderOptions): PixelOptions {
  return { isLenient: options.failOn === 'none', pause: createPause(options) }
}
