import { z } from 'zod'
import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { Size } from '../picture.js'
import type { Rendition, WhenUnsafe } from './types.js'

const finding = z.object({
  unsafe: z.number().min(0).max(1),
  classes: z.array(z.object({ name: z.string(), score: z.number() })).optional(),
})

/**
 * Returns the reason why a policy finds a source unsafe; undefined for a safe one.
 *
 * @param found finding of the analyzer `moderation`.
 * @throws ImgprocError INVALID_CONFIG for a finding of another shape, as an analyzer of the user's may return.
 */
export function unsafeReason({ moderation }: WhenUnsafe, found: unknown): string | undefined {
  const { data } = finding.safeParse(found)
  if (data === undefined) throw createShapeError()
  const { unsafe, classes = [] } = data
  if (unsafe < moderation) return undefined
  const highest = classes.slice(0, 2).map(({ name, score }) => `${name} ${score}`)
  const why = highest.length === 0 ? '' : `: ${highest.join(', ')}`
  return `the source is unsafe with a score of ${unsafe}, and ${moderation} is the limit${why}`
}

/** Returns the reason to skip a rendition by its policy; undefined if that does not skip it, or the finding is not known. */
export function unsafeSkipReason(
  { whenUnsafe }: Pick<Rendition, 'whenUnsafe'>,
  found: unknown,
): string | undefined {
  return whenUnsafe?.do === 'skip' && found !== undefined ? unsafeReason(whenUnsafe, found) : undefined
}

/** Creates the error of a source that a policy refuses. */
export function createUnsafeError(reason: string): ImgprocError {
  const message = `It was not made: ${reason} (whenUnsafe).`
  return new ImgprocError('UNSAFE_CONTENT', message)
}

/** Standard deviation of the blur, in long sides of the output. Only colours are left. */
const BLUR = 1 / 16

/** Returns operations with a blur behind them that leaves nothing to recognise. */
export function blurAfter(ops: readonly ImageOp[], { width, height }: Size): readonly ImageOp[] {
  const sigma = Math.min(1000, Math.max(0.3, Math.max(width, height) * BLUR))
  return [...ops, { blur: Math.round(sigma * 10) / 10 }]
}

function createShapeError(): ImgprocError {
  const message =
    'The analyzer "moderation" of the config does not return { unsafe: number } from 0 to 1, as the included one does. Give it another name, or return that.'
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}
