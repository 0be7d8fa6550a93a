import { explainSharpError, limitSharp } from '../../image/explain-sharp-error.js'
import type { PixelSource } from './types.js'

/**
 * Turns sharp's errors into ImgprocErrors: with stage `decode` if a pass reads the source itself, else `render`. Throws
 * TIMED_OUT after the seconds of one pass.
 */
export async function explainErrors<T>(work: Promise<T>, source: PixelSource, seconds: number): Promise<T> {
  return limitSharp(work, seconds, 'render').catch((error: unknown) => {
    throw source.kind === 'source'
      ? explainSharpError(error, 'decode', source.image.options.failOn)
      : explainSharpError(error, 'render')
  })
}
