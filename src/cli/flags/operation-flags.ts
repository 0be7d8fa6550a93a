import { Option, type Command } from 'commander'
import { ImgprocError } from '../../errors.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { allOperations, parseOp } from '../../operations/parse-operations.js'
import type { Op } from '../../operations/define-operation.js'
import { acceptsTrue, hasNoParams, toFlag } from '../../operations/operation-flag.js'
import { formatOp } from '../../operations/text-syntax.js'

/** Adds a flag for every operation. Parsed operations are appended to `ops`, in the order typed. */
export function addOpFlags(command: Command, ops: ImageOp[]): Command {
  for (const op of allOperations()) {
    const short = op.name === 'format' ? '-f, ' : ''
    const value = hasNoParams(op) ? '[true]' : acceptsTrue(op) ? '[value]' : '<value>'
    const option = new Option(`${short}${toFlag(op)} ${value}`, `${op.summary} (${exampleOf(op)})`)
    if (op.name !== 'format') option.helpGroup('Operations (applied in the order typed):')
    if (command.options.some(({ long }) => long === option.long)) throw createTakenError(op)
    option.argParser((text: string) => {
      ops.push(parseFlag(op, text))
      return text
    })
    command.addOption(option)
  }
  return command
}

function createTakenError(op: Op): ImgprocError {
  const message = `The operation "${op.name}": its flag ${toFlag(op)} has another meaning. Give it another name.`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}

/** Returns an operation's flag with its example value, as typed on the command line. */
export function exampleOf(op: Op): string {
  const text = formatOp({ [op.name]: op.example } as ImageOp) // the registry's own example
  if (!acceptsTrue(op)) return `${toFlag(op)} ${text}`
  return text === 'true' ? toFlag(op) : `${toFlag(op)}=${text}`
}

/**
 * Parses one format of `--formats`, in the syntax of `--format`.
 *
 * @throws INVALID_OPERATION for an unknown format or encoder option.
 */
export function parseFormat(text: string): NonNullable<ImageOp['format']> {
  const op = allOperations().find(({ name }) => name === 'format')! // there is one: ImageOp has it
  return parseFlag(op, text, '--formats').format! // parsed by that operation
}

function parseFlag(op: Op, text: string, flag = toFlag(op)): ImageOp {
  try {
    return parseOp(op.name, text)
  } catch (error) {
    if (!(error instanceof ImgprocError)) throw error
    const problem = error.message
      .replace(`${op.name}: `, '')
      .replace('expected an object', 'expected parameters')
      .replace(/[^.?]$/, '$&.')
    throw new ImgprocError(error.code, `${flag} ${text}: ${problem} For example: ${exampleOf(op)}`, {
      stage: 'usage',
      cause: error,
    })
  }
}

/** True if a text is a valid value of an operation. */
export function isValueOf(op: Op, text: string): boolean {
  try {
    parseOp(op.name, text)
    return true
  } catch {
    return false
  }
}
