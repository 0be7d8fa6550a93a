import { ImgprocError } from '../../errors.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { allOperations, parseOp, renameFiles } from '../../operations/parse-operations.js'
import { didYouMean } from '../../utils/did-you-mean.js'
import type { Parameter } from './query-parameters.js'

/** A step of a query, in its order. */
export type Step =
  | { readonly kind: 'preset'; readonly name: string }
  | { readonly kind: 'operation'; readonly op: ImageOp }
  /** A width in CSS pixels, or that of the client hints. */
  | { readonly kind: 'width'; readonly width: number | 'auto' }

/** A query whose parameters are checked. */
export interface Query {
  readonly steps: readonly Step[]
  /** Pixels for each CSS pixel, or those of the client hints. */
  readonly dpr: number | 'auto' | undefined
}

/** Parameters beside the operations. */
const OWN = ['preset', 'width', 'dpr']

const MAX_WIDTH = 16_383
const MAX_DPR = 8

/** Checks parameters one by one. Throws UNKNOWN_OPERATION, INVALID_OPERATION, INVALID_USAGE or ACCESS_DENIED. */
export function readQuery(parameters: readonly Parameter[]): Query {
  const dprs = parameters.filter(({ name }) => name === 'dpr')
  if (dprs.length > 1)
    throw createValueError('dpr', 'one value', dprs.map(({ value }) => value).join(' and '))
  return {
    steps: parameters.flatMap(({ name, value }) => (name === 'dpr' ? [] : [toStep(name, value)])),
    dpr: dprs[0] && readDpr(dprs[0].value),
  }
}

function toStep(name: string, value: string): Step {
  if (name === 'preset') return { kind: 'preset', name: value }
  if (name === 'width') return { kind: 'width', width: readWidth(value) }
  if (!allOperations().some((op) => op.name === name)) throw createUnknownError(name)
  // A name alone, such as `grayscale`, is a switch.
  const op = parseOp(name, value === '' ? 'true' : value)
  refuseFiles(op)
  return { kind: 'operation', op }
}

/** Throws ACCESS_DENIED if an operation names a file: a client must not choose what the server reads. */
function refuseFiles(op: ImageOp): void {
  renameFiles([op], () => {
    const message = `${Object.keys(op)[0]}: operations in a URL can't read files. Name the file in a preset of the config.`
    throw new ImgprocError('ACCESS_DENIED', message, { stage: 'usage' })
  })
}

function readWidth(value: string): number | 'auto' {
  if (value === 'auto') return value
  const width = Number(value)
  if (/^\d+$/.test(value) && width >= 1 && width <= MAX_WIDTH) return width
  throw createValueError('width', `auto, or a whole number of pixels from 1 to ${MAX_WIDTH}`, value)
}

function readDpr(value: string): number | 'auto' {
  if (value === 'auto') return value
  const dpr = Number(value)
  if (/^\d*\.?\d+$/.test(value) && dpr >= 0.1 && dpr <= MAX_DPR) return dpr
  throw createValueError('dpr', `auto, or a number from 0.1 to ${MAX_DPR}`, value)
}

function createValueError(name: string, expected: string, value: string): ImgprocError {
  const message = `${name}: expected ${expected}, got "${value}".`
  return new ImgprocError('INVALID_OPERATION', message, { stage: 'usage' })
}

function createUnknownError(name: string): ImgprocError {
  const names = [...OWN, ...allOperations().map((op) => op.name)]
  const help = didYouMean(name, names) || ` Available parameters: ${names.join(', ')}.`
  return new ImgprocError('UNKNOWN_OPERATION', `There is no parameter "${name}".${help}`, { stage: 'usage' })
}
