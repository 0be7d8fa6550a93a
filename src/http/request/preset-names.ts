import { z } from 'zod'
import { collectStream } from '../../utils/collect-stream.js'
import { check } from '../../utils/validate.js'
import { createRequestError, toBodyError } from './body-errors.js'

const MAX_BYTES = 64 * 1024
const name = z.string().min(1)
/** Schema of the body that asks for more presets. */
export const presetNamesSchema = z.strictObject({ preset: z.union([name, z.array(name).min(1)]) })

/**
 * Reads the body `{ "preset": "card" }`, which may be a list of names.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export async function readPresetNames({ body, signal }: Request): Promise<readonly string[]> {
  const wrong = (cause?: unknown) =>
    createRequestError('Send JSON such as { "preset": "card" } or { "preset": ["card", "hero"] }.', cause)
  if (body === null) throw wrong()
  const bytes = await collectStream(body, { maxBytes: MAX_BYTES, createLimitError: wrong, signal }).catch(
    (error: unknown) => {
      throw toBodyError(error, signal)
    },
  )
  const checked = check(presetNamesSchema, parse(bytes, wrong))
  if (checked.problems !== undefined) throw wrong()
  const { preset } = checked.data
  return typeof preset === 'string' ? [preset] : preset
}

function parse(bytes: Buffer, createError: (cause: unknown) => Error): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (cause) {
    throw createError(cause)
  }
}
