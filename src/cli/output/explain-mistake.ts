import { existsSync } from 'node:fs'
import { ImgprocError } from '../../errors.js'
import { hasImageName } from '../../image/file-kinds.js'
import { isRemote } from '../../paths/location.js'
import { allOperations } from '../../operations/parse-operations.js'
import { toFlag } from '../../operations/operation-flag.js'
import { exampleOf } from '../flags/operation-flags.js'
import { createPrinter } from './printer.js'

/** Flags of other programs, and ours. */
const OTHER_FLAGS: Readonly<Record<string, string>> = {
  '--width': '--resize 300',
  '--height': '--resize x300',
  '--size': '--resize 300x200',
  '--scale': '--resize 50%',
  '--output': '--out',
  '--output-dir': '--out',
  '--gray': '--grayscale',
  '--greyscale': '--grayscale',
  '--strip': '--metadata (by default all metadata is removed)',
}

/**
 * Checks that the first word is not an operation or an image, which are no commands.
 *
 * @throws ImgprocError INVALID_USAGE with the command to use.
 */
export function checkCommand(argv: readonly string[], commands: readonly string[]): void {
  const index = argv.findIndex((word) => !word.startsWith('-'))
  const word = argv[index]
  if (word === undefined || commands.includes(word) || word === 'help') return
  const op = allOperations().find((one) => one.name === word || toFlag(one) === `--${word}`)
  const input = argv.slice(index + 1).find((other) => isInput(other))
  if (op !== undefined) {
    throw createUsageError(
      `${word} is an operation, not a command. Use it as a flag: imgproc run ${input ?? 'photos'} ${exampleOf(op)}`,
    )
  }
  if (!isInput(word)) return
  throw createUsageError(
    `"${word}" is an input, and the command is missing. Type imgproc thumbs ${word}, or imgproc run ${word} with operations, such as --resize 800. See imgproc --help.`,
  )
}

function isInput(word: string): boolean {
  return existsSync(word) || isRemote(word) || hasImageName(word)
}

/** Returns a function that writes an error of the parser like our own. */
export function createErrorWriter(color: boolean): (text: string, write: (text: string) => void) => void {
  const { paint } = createPrinter({ quiet: false, verbose: false, color })
  return (text, write) =>
    write(
      explainParserError(text)
        .replace(/^error: /, `${paint('red', 'error')} `)
        .replace('\n(', ' ('),
    )
}

/** Replaces messages of the parser by clearer ones. */
function explainParserError(text: string): string {
  return explainUnknownFlag(text)
    .replace(/command-argument value '(.*)' is invalid for argument '(.*?)'/, "'$1' is no $2")
    .replace(/option '(?:-\w, )?(--[\w-]+) <.*>' argument missing/, (whole, flag: string) => {
      const op = allOperations().find((one) => toFlag(one) === flag)
      return op === undefined ? whole : `${flag} needs a value, such as ${exampleOf(op)}`
    })
    .replace(/missing required argument '(.*)'/, (whole, name: string) =>
      name === 'inputs' ? `there are no inputs: name images, such as 'photos/**'` : whole,
    )
}

/** Replaces the suggestion for an unknown flag by the flag that other programs call so. */
function explainUnknownFlag(text: string): string {
  const flag = /unknown option '([^'=]+)/.exec(text)?.[1] ?? ''
  const ours = Object.hasOwn(OTHER_FLAGS, flag) ? OTHER_FLAGS[flag] : undefined
  if (ours === undefined) return text
  return `${text.split('\n')[0]}\n(Did you mean ${ours}?)\n`
}

function createUsageError(message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
