import { ImgprocError } from '../../errors.js'
import type { Picture, Size } from '../../picture.js'
import { withTimeLimit } from '../../utils/time-limit.js'
import { show } from '../../utils/validate.js'
import type { EditContext, PixelOp } from '../define-operation.js'
import { takeWholePass } from '../sharp-order.js'
import { toParamsSchema, toShorthandSchema } from './check-parameters.js'
import type { OwnOperation, OwnPixels } from './types.js'

/** Largest side of a picture, as in `picture.ts` of libvips' headers. */
const MAX_SIDE = 10_000_000

/**
 * Returns an operation of a user as one of the registry.
 *
 * @param module where it comes from, for messages.
 */
export function adaptOperation(own: OwnOperation, module: string): PixelOp {
  const params = toParamsSchema(own)
  const fail = (problem: string, cause?: unknown) =>
    new ImgprocError('INVALID_OPERATION', `${own.name} (${module}) ${problem}`, { cause })
  const sizeOf = (values: unknown, from: Size): Size | undefined => {
    const { width, height } = from
    const size = own.size === undefined ? from : callSize(own, { width, height }, values, fail)
    return size && { width: size.width, height: size.height }
  }
  const channelsOf = (values: unknown, from: Picture): 3 | 4 => {
    const before = from.alpha ? 4 : 3
    return own.channels === undefined ? before : own.channels(before, values as never) // checked by its schema
  }
  return {
    kind: 'pixels',
    name: own.name,
    summary: own.summary,
    version: String(own.version),
    params,
    shorthand: toShorthandSchema(own, params),
    example: own.example ?? true,
    size: sizeOf,
    place: (_, pass) => takeWholePass(pass),
    // It may add any colour.
    addsColor: () => 'red',
    changesPicture: (values, from) => ({
      alpha: channelsOf(values, from) === 4,
      ...(from.space === 'grey' && { space: 'rgb' }),
    }),
    apply: (image) => image,
    edit: (pixels, values, context) =>
      edit(own, pixels, values, { ...context, fail, size: sizeOf(values, context.from) }),
  }
}

type Fail = (problem: string, cause?: unknown) => ImgprocError

function callSize(own: OwnOperation, from: Size, values: unknown, fail: Fail): Size | undefined {
  let size: unknown
  try {
    size = own.size?.(from, values as never) // checked by its schema
  } catch (cause) {
    throw fail(`failed in its size rule: ${messageOf(cause)}`, cause)
  }
  if (size === undefined || isSize(size)) return size
  throw fail(
    `has a wrong size rule: for ${from.width}x${from.height} it returned ${show(size)}, not a width and a height of at least 1 pixel.`,
  )
}

function isSize(value: unknown): value is Size {
  if (typeof value !== 'object' || value === null) return false
  const { width, height } = value as Partial<Record<string, unknown>> // an object
  return [width, height].every(
    (side) => Number.isInteger(side) && Number(side) >= 1 && Number(side) <= MAX_SIDE,
  )
}

/** Calls the operation within its time, and checks what it returns. */
async function edit(
  own: OwnOperation,
  pixels: OwnPixels,
  values: unknown,
  { seconds, to, size, fail }: EditContext & { readonly fail: Fail; readonly size: Size | undefined },
): Promise<OwnPixels> {
  const createTimeError = () =>
    new ImgprocError(
      'TIMED_OUT',
      `${fail('').message}took longer than ${seconds} seconds (limits.seconds, --timeout).`,
    )
  // A function that is not async may throw.
  const call = async () => own.apply(pixels, values as never) // checked by its schema
  const made: unknown = await withTimeLimit(call(), seconds, createTimeError).catch((cause: unknown) => {
    if (cause instanceof ImgprocError && cause.code === 'TIMED_OUT') throw cause
    throw fail(`failed: ${messageOf(cause)}`, cause)
  })
  const problem = findProblem(made, { depth: pixels.depth, channels: to.alpha ? 4 : 3, size })
  if (problem !== undefined) throw fail(problem)
  return made as OwnPixels // has no problem
}

/** The pixels that an operation has announced. */
interface Announced {
  readonly depth: 8 | 16
  readonly channels: 3 | 4
  readonly size: Size | undefined
}

function findProblem(made: unknown, { depth, channels, size }: Announced): string | undefined {
  if (!isSize(made)) return `returned ${show(made)}, not pixels: { data, width, height, channels, depth }.`
  const { width, height } = made
  if (size !== undefined && (width !== size.width || height !== size.height))
    return `returned ${width}x${height} pixels, but its size rule says ${size.width}x${size.height}.`
  const { data, channels: given = channels, depth: deep = depth } = made as Partial<OwnPixels> // checked here
  if (given !== channels)
    return `returned ${given} channels, not the ${channels} that were announced (see channels).`
  if (deep !== depth) return `returned ${deep} bits per channel, not ${depth}.`
  const isTyped =
    depth === 16
      ? data instanceof Uint16Array
      : data instanceof Uint8Array || data instanceof Uint8ClampedArray
  if (!isTyped) return `returned data that is no ${depth === 16 ? 'Uint16Array' : 'Uint8Array'}.`
  const expected = width * height * channels
  if (data?.length === expected) return undefined
  return `returned ${data?.length} values for ${width}x${height} pixels of ${channels} channels, which are ${expected}.`
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : show(cause)
}
