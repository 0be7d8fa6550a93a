import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ImgprocError } from '../../errors.js'
import { allOperations } from '../../operations/parse-operations.js'
import type { Op } from '../../operations/define-operation.js'
import { isRemote } from '../../paths/location.js'
import { acceptsTrue, hasNoParams, toFlag } from '../../operations/operation-flag.js'
import { exampleOf, isValueOf } from './operation-flags.js'

/** Wildcards of globs. */
const WILDCARD = /[*?[\]{}()!]/

/**
 * Joins flags of operations that accept `true` to their values with `=`, since commander would take any word as a value.
 * The next word is the value if it is valid as one and is no existing file: `--trim 10`. It is an input if it is a file,
 * a glob or a URL, so that the flag gets `true`: `--grayscale a.jpg`.
 *
 * @throws ImgprocError INVALID_USAGE for a word that may be both, or is neither.
 */
export function joinOptionalValues(argv: readonly string[], cwd: string): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  const joined: string[] = []
  for (let index = 0; index < end; index++) {
    const word = argv[index]!
    const op = allOperations().find((one) => toFlag(one) === word && acceptsTrue(one))
    const next = index + 1 < end ? argv[index + 1] : undefined
    if (op === undefined) joined.push(word)
    else if (next === undefined || next.startsWith('-') || !isValue(op, next, cwd))
      joined.push(`${word}=true`)
    else {
      joined.push(`${word}=${next}`)
      index++
    }
  }
  return [...joined, ...argv.slice(end)]
}

/** Returns true if a word is a value, false if it is an input. */
function isValue(op: Op, word: string, cwd: string): boolean {
  const flag = toFlag(op)
  const exists = existsSync(resolve(cwd, word))
  if (isValueOf(op, word)) {
    if (!exists) return true
    const message = `"${word}" after ${flag} may be a value or a file. Write ${flag}=${word} for the value, or ./${word} for the file.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  if (exists || isRemote(word) || word.startsWith('file:') || WILDCARD.test(word)) return false
  throw createUnknownWordError(op, word)
}

function createUnknownWordError(op: Op, word: string): ImgprocError {
  const flag = toFlag(op)
  const advice = hasNoParams(op)
    ? `${flag} takes no value: leave it out to keep the picture as it is.`
    : `Write a value as in ${exampleWithValue(op)}.`
  const message = `"${word}" after ${flag} is neither a value of ${flag} nor an existing file. ${advice}`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}

/** Values of operations whose example in the help has none. */
const VALUES: Readonly<Record<string, string>> = { trim: '10', normalize: 'lower=1:upper=99' }

function exampleWithValue(op: Op): string {
  const example = exampleOf(op)
  return example.includes('=') ? example : `${toFlag(op)}=${VALUES[op.name] ?? 'true'}`
}
