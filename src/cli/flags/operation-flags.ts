import { Option, type Command } from 'commander'
import { z } from 'zod'
import { ImgprocError } from '../../errors.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { operations, parseOp } from '../../operations/parse-operations.js'
import type { Op } from '../../operations/define-operation.js'
import { formatOp } from '../../operations/text-syntax.js'

/** `--auto-orient` for autoOrient. */
function flagOf(op: Pick<Op, 'name'>): string {
  return `--${op.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** Adds a flag for every operation; what they are given collects in the list, in the order typed. */
export function addOpFlags(command: Command, ops: ImageOp[]): Command {
  for (const op of operations) {
    const short = op.name === 'format' ? '-f, ' : ''
    const value = isFlag(op) ? '[true]' : maybeTrue(op) ? '[value]' : '<value>'
    const option = new Option(`${short}${flagOf(op)} ${value}`, `${op.summary} (${exampleOf(op)})`)
    option.helpGroup('Operations, in the order typed:')
    option.argParser((text: string) => {
      ops.push(readFlag(op, text))
      return text
    })
    command.addOption(option)
  }
  return command
}

/** An operation's flag as one would type it. */
export function exampleOf(op: Op): string {
  const text = formatOp({ [op.name]: op.example } as ImageOp) // the registry's own example
  if (!maybeTrue(op)) return `${flagOf(op)} ${text}`
  return text === 'true' ? flagOf(op) : `${flagOf(op)}=${text}`
}

/** A format as `--formats` lists it. */
export function readFormat(text: string): NonNullable<ImageOp['format']> {
  const op = operations.find(({ name }) => name === 'format')! // there is one: ImageOp has it
  return readFlag(op, text, '--formats').format! // parsed by that operation
}

function readFlag(op: Op, text: string, flag = flagOf(op)): ImageOp {
  try {
    return parseOp(op.name, text)
  } catch (error) {
    if (!(error instanceof ImgprocError)) throw error
    const problem = error.message.replace(`${op.name}: `, '').replace(/[^.?]$/, '$&.')
    throw new ImgprocError(error.code, `${flag} ${text}: ${problem} For example: ${exampleOf(op)}`, {
      stage: 'usage',
      cause: error,
    })
  }
}

/** Whether an operation may be just `true`, and so its flag stand alone. */
function maybeTrue(op: Op): boolean {
  return op.shorthand?.schema.safeParse(true).success === true
}

/** Whether there is nothing to say but `true`. */
function isFlag(op: Op): boolean {
  return op.params instanceof z.ZodObject && Object.keys(op.params.shape).length === 0
}

/**
 * Gives `=true` to the bare flags of operations that may be `true`, so that none swallows the input behind it:
 * `--grayscale a.jpg`. A value for such an operation needs `=`.
 */
export function addValuesToBareFlags(argv: readonly string[]): string[] {
  const isBare = (word: string) => operations.some((op) => flagOf(op) === word && maybeTrue(op))
  const end = argv.indexOf('--')
  return argv.map((word, index) => ((end < 0 || index < end) && isBare(word) ? `${word}=true` : word))
}
