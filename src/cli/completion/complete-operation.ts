import type { Op } from '../../operations/define-operation.js'
import { formatOp } from '../../operations/text-syntax.js'
import { listParameters, listShorthands } from '../../operations/parameter-hints.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import type { Candidate } from './types.js'

/** Completes the value of an operation's flag: shorthands, then parameters with colons between them, then their values. */
export function completeOperation(op: Op, typed: string): readonly Candidate[] {
  const parts = typed.split(':')
  const last = parts.at(-1) ?? ''
  const done = typed.slice(0, typed.length - last.length)
  const parameters = listParameters(op)
  const equals = last.indexOf('=')
  if (equals >= 0) {
    const name = last.slice(0, equals)
    const values = parameters.find((parameter) => parameter.name === name)?.values ?? []
    return values.map((value) => ({ word: `${done}${name}=${value}` }))
  }
  const used = new Set(parts.map((part) => part.split('=')[0]))
  const names = parameters
    .filter(({ name }) => !used.has(name))
    .map(({ name, values }) => ({
      word: `${done}${name}=`,
      ...(values.length > 0 && { meaning: values.join(', ') }),
    }))
  return parts.length > 1 ? names : [...shorthandsOf(op), ...names]
}

function shorthandsOf(op: Op): readonly Candidate[] {
  const listed = listShorthands(op).map((word) => ({ word }))
  if (listed.length > 0) return listed
  const example = formatOp({ [op.name]: op.example } as ImageOp) // the registry's own example
  return [{ word: example, meaning: 'example' }]
}
