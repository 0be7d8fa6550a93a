import type { Command, Option } from 'commander'
import { builtInAnalyzers, visionAnalyzers } from '../../analyzers/load-analyzers.js'
import { loadConfig } from '../../config/load-config.js'
import { listPresets } from '../../config/presets.js'
import { ERRORS } from '../../errors.js'
import { FORMATS } from '../../image/output-formats.js'
import { allOperations } from '../../operations/parse-operations.js'
import { toFlag } from '../../operations/operation-flag.js'
import { completeOperation } from './complete-operation.js'
import { SHELLS } from './shell-scripts.js'
import type { Candidate, Candidates } from './types.js'

/**
 * Returns what may stand in the place of the last word, whatever it begins with.
 *
 * @param words all words behind `imgproc` up to the cursor; the last may be empty.
 */
export async function complete(
  createProgram: (words: readonly string[]) => Command,
  words: readonly string[],
  cwd: string,
): Promise<Candidates> {
  const program = createProgram(words)
  const before = words.slice(0, -1)
  const last = words.at(-1) ?? ''
  const { command, rest } = findCommand(program, before)
  // Everything behind `--` is an input.
  if (before.includes('--')) return undefined
  if (last.startsWith('-') && last.includes('=')) {
    const flag = last.slice(0, last.indexOf('='))
    const option = findOption(command, flag)
    const found = option && (await valuesOf(option, last.slice(flag.length + 1), cwd))
    return found?.map(({ word, ...more }) => ({ word: `${flag}=${word}`, ...more }))
  }
  const option = findOption(command, before.at(-1) ?? '')
  if (option !== undefined && takesValue(option)) {
    const found = await valuesOf(option, last, cwd)
    if (option.required || (found !== undefined && found.length > 0 && !last.startsWith('-'))) return found
  }
  if (last.startsWith('-')) return flagsOf(command)
  if (command.commands.length > 0) return command.createHelp().visibleCommands(command).map(toCandidate)
  return argumentsOf(command, rest)
}

function findCommand(
  program: Command,
  words: readonly string[],
): { command: Command; rest: readonly string[] } {
  let command = program
  for (const [index, word] of words.entries()) {
    if (command.commands.length === 0) return { command, rest: words.slice(index) }
    command = command.commands.find((one) => one.name() === word) ?? command
  }
  return { command, rest: [] }
}

function toCandidate(command: Command): Candidate {
  return { word: command.name(), meaning: command.description() }
}

function flagsOf(command: Command): readonly Candidate[] {
  const all: Option[] = []
  for (let one: Command | null = command; one !== null; one = one.parent) all.push(...one.options)
  return [
    ...all.flatMap(({ long, description }) => (long ? [{ word: long, meaning: description }] : [])),
    { word: '--help', meaning: 'display help for command' },
  ]
}

function findOption(command: Command, flag: string): Option | undefined {
  return flag.startsWith('-')
    ? command.options.find(({ long, short }) => flag === long || flag === short)
    : undefined
}

function takesValue(option: Option): boolean {
  return option.required || option.optional
}

/** Returns the words that commands take besides files. */
function argumentsOf(command: Command, rest: readonly string[]): Candidates {
  const name = [command.parent?.name(), command.name()].join(' ')
  if (name === 'list ops')
    return allOperations().map(({ name: word, summary }) => ({ word, meaning: summary }))
  if (name.endsWith(' explain')) return Object.keys(ERRORS).map((word) => ({ word }))
  if (name.endsWith(' completion')) return rest.length === 0 ? SHELLS.map((word) => ({ word })) : []
  return command.registeredArguments.length === 0 ? [] : undefined
}

/** Returns the values of a flag; undefined for a file, none if they can't be listed. */
async function valuesOf(option: Option, typed: string, cwd: string): Promise<Candidates> {
  const { long, argChoices, flags } = option
  if (argChoices !== undefined) return argChoices.map((word) => ({ word }))
  const op = allOperations().find((one) => toFlag(one) === long)
  if (op !== undefined) return completeOperation(op, typed)
  switch (long) {
    case '--preset':
      return inList(typed, await presetsOf(cwd))
    case '--formats':
      return inList(
        typed,
        Object.entries(FORMATS).map(([word, { mime }]) => ({ word, meaning: mime })),
      )
    case '--analyze':
      return inList(
        typed,
        [...builtInAnalyzers, ...visionAnalyzers].map(({ name, summary }) => ({
          word: name,
          meaning: summary,
        })),
      )
    case '--quality':
      return [{ word: 'auto', meaning: 'the lowest quality that looks the same' }]
    default:
      return /<(?:file|folder|location|place)>/.test(flags) ? undefined : []
  }
}

async function presetsOf(cwd: string): Promise<readonly Candidate[]> {
  // A config with a mistake is reported by the command, not while somebody types.
  const { config } = await loadConfig({ cwd }).catch(() => ({ config: {} }))
  return listPresets(config).map(({ origin, preset }) => ({
    word: preset.name,
    meaning: origin === 'config' ? 'preset of the config' : 'included preset',
  }))
}

/** Completes the last of several names with commas between them. */
function inList(typed: string, candidates: readonly Candidate[]): readonly Candidate[] {
  const done = typed.slice(0, typed.lastIndexOf(',') + 1)
  const used = new Set(done.split(','))
  return candidates.flatMap(({ word, ...more }) => (used.has(word) ? [] : [{ word: done + word, ...more }]))
}
