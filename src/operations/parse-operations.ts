import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'
import { check, show, type Problem } from '../utils/validate.js'
import type { ImageOp, OpName } from './image-op.generated.js'
import type { Op, PixelOp, SettingOp } from './define-operation.js'
import type { FocalRegion } from './focal.js'
import { findOwnOperation, listOwnOperations } from './own/own-operations.js'
import { createOperationError } from './errors.js'
import * as registry from './registry.js'
import { readInput, readText } from './text-syntax.js'

/** The operations included in imgproc, sorted by name. */
export const operations: readonly Op[] = Object.values(registry)

/** Returns all operations: those included in imgproc, then those of users that this process has loaded. */
export function allOperations(): readonly Op[] {
  return [...operations, ...listOwnOperations()]
}

/** Returns the versions of the users' operations in a list, by name. */
export function ownVersions(ops: readonly ImageOp[]): Readonly<Record<string, string>> {
  const names = new Set(ops.flatMap((item) => Object.keys(item)))
  const own = listOwnOperations().filter(({ name }) => names.has(name))
  return Object.fromEntries(own.map(({ name, version = '' }) => [name, version]))
}

/** An operation with its validated parameters, including defaults. */
export type Operation =
  | {
      readonly kind: 'pixels'
      readonly name: OpName
      readonly op: PixelOp
      readonly params: unknown
      /** Regions of this picture, for an operation that crops to them. */
      readonly focus?: readonly FocalRegion[]
    }
  | { readonly kind: 'setting'; readonly name: OpName; readonly op: SettingOp; readonly params: unknown }

/** Returns an operation by name. Throws UNKNOWN_OPERATION. */
function findOp(name: string, at = ''): Op {
  const found = operations.find((op) => op.name === name) ?? findOwnOperation(name)
  if (found !== undefined) return found
  const names = allOperations().map((op) => op.name)
  throw new ImgprocError(
    'UNKNOWN_OPERATION',
    `${at}There is no operation "${name}".${didYouMean(name, names) || ` Available operations: ${names.join(', ')}.`}`,
    { stage: 'usage' },
  )
}

/**
 * Validates a list of operations and fills in the defaults of their parameters. `at` is the list's path in error
 * messages, such as `presets.card.ops`.
 *
 * Throws UNKNOWN_OPERATION, or INVALID_OPERATION with the operation, parameter, value and allowed values.
 */
export function readOps(value: unknown, at = ''): readonly Operation[] {
  if (!Array.isArray(value))
    throw createOperationError(`expected a list of operations, got ${show(value)}`, at)
  const list = value.map((item, index) => readOp(item, at === '' ? '' : `${at}[${index}]`))
  for (const [index, { kind, name }] of list.entries()) {
    if (kind === 'setting' && list.findIndex((other) => other.name === name) !== index) {
      throw createOperationError(`${name} is set twice; it applies to the whole list, so keep one`, at)
    }
  }
  return list
}

/** Validates a list of operations and returns it unchanged. Throws UNKNOWN_OPERATION or INVALID_OPERATION. */
export function parseOps(value: unknown, at = ''): readonly ImageOp[] {
  readOps(value, at)
  return value as readonly ImageOp[] // validated by readOps
}

/** Parses the text of an operation from a flag or URL. Throws UNKNOWN_OPERATION or INVALID_OPERATION. */
export function parseOp(name: string, text: string): ImageOp {
  const parsed = { [name]: readText(findOp(name), text) }
  readOps([parsed])
  return parsed as ImageOp // validated by readOps
}

/** Returns the operations with each file in their parameters renamed. Operations without files stay as written. */
export function renameFiles(ops: readonly ImageOp[], rename: (ref: string) => string): readonly ImageOp[] {
  return ops.map((item) => {
    const { kind, name, op, params } = readOp(item, '')
    if (kind === 'setting' || op.files === undefined) return item
    return { [name]: op.files(params, rename) } as ImageOp // validated parameters of the same operation
  })
}

function readOp(item: unknown, at: string): Operation {
  const [name, ...more] =
    typeof item === 'object' && item !== null && !Array.isArray(item) ? Object.keys(item) : []
  if (name === undefined)
    throw createOperationError(`expected an operation such as { thumbnail: 100 }, got ${show(item)}`, at)
  if (more.length > 0) {
    throw createOperationError(
      `expected one operation per object, got ${[name, ...more].join(' and ')}; use an object for each`,
      at,
    )
  }
  const op = findOp(name, at && `${at}: `)
  const written: unknown = Reflect.get(item as object, name) // an object, since it has a key
  const params = readParams(op, readInput(op, written), at)
  return op.kind === 'pixels'
    ? { kind: 'pixels', name: op.name as OpName, op, params } // names in the registry are OpName
    : { kind: 'setting', name: op.name as OpName, op, params }
}

function readParams(op: Op, input: unknown, at: string): unknown {
  const short = op.shorthand
  const isParams = typeof input === 'object' && input !== null && !Array.isArray(input)
  if (isParams || short === undefined) return unwrap(check(op.params, input), op, at)
  const text = check(short.schema, input)
  const params = text.problems === undefined ? check(op.params, short.read(text.data)) : text
  return unwrap(params, op, at)
}

function unwrap<T>(
  checked: { data: T; problems?: undefined } | { problems: readonly Problem[] },
  op: Op,
  at: string,
): T {
  if (checked.problems === undefined) return checked.data
  const sentences = checked.problems.map(({ path, sentence }) =>
    path === '' ? sentence : `${path}: ${sentence}`,
  )
  throw createOperationError(`${op.name}: ${sentences.join('; ')}`, at)
}
