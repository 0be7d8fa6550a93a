import { type ImgprocError, toImgprocError } from '../errors.js'
import { check, show, type Problem } from '../utils/validate.js'
import { parseOps } from '../operations/parse-operations.js'
import { createConfigError } from './errors.js'
import { explainUnknownPreset, presetNames, resolvePreset, type PresetSource } from './presets.js'
import { configSchemaFor, type Config } from './schema.js'

/** Name of the config in messages, and its file. */
export interface ConfigOrigin {
  readonly label: string
  readonly file?: string
}

interface ConfigProblem extends Problem {
  readonly cause?: unknown
}

type Fields = Readonly<Record<string, unknown>>

const MAX_SHOWN = 5
// Preset names are used in paths and in comma-separated lists.
const PRESET_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u

/**
 * Validates a config: its keys, all operations and all preset names.
 * Throws one INVALID_CONFIG that lists all mistakes.
 */
export function parseConfig(value: unknown, origin: ConfigOrigin = { label: 'config' }): Config {
  const checked = check(configSchemaFor(value), value)
  const found = [...(checked.problems ?? []), ...checkPresets(value), ...checkBatches(value)]
  if (found.length === 0 && checked.problems === undefined) {
    found.push(...checkCycles(checked.data))
    if (found.length === 0) return checked.data
  }
  throw toError(found, origin)
}

// These checks use the raw value, so that they also run if the schema finds mistakes.

function checkPresets(config: unknown): ConfigProblem[] {
  const names = namesIn(config)
  const presets = Object.entries(toFields(toFields(config).presets))
  return presets.flatMap(([name, preset]) => checkPreset(toFields(preset), name, names))
}

function checkPreset(preset: Fields, name: string, names: readonly string[]): ConfigProblem[] {
  const at = `presets.${name}`
  return [
    ...(PRESET_NAME.test(name) ? [] : [{ path: at, sentence: explainName(name) }]),
    ...checkNames(preset.extends, names, `${at}.extends`),
    ...checkOps(preset.ops, `${at}.ops`),
    ...toItems(preset.formats).flatMap((format, index) => tryOps([{ format }], `${at}.formats[${index}]`)),
    ...checkOps(preset.after, `${at}.after`),
  ]
}

function checkBatches(config: unknown): ConfigProblem[] {
  const names = namesIn(config)
  return toItems(toFields(config).batches).flatMap((batch, index) =>
    checkNames(toFields(batch).presets, names, `batches[${index}].presets`),
  )
}

/** Checks one name, or a list of names. */
function checkNames(value: unknown, names: readonly string[], path: string): ConfigProblem[] {
  if (!Array.isArray(value)) return checkName(value, names, path)
  return value.flatMap((name, place) => checkName(name, names, `${path}[${place}]`))
}

function checkName(name: unknown, names: readonly string[], path: string): ConfigProblem[] {
  // The schema reports values that are no names.
  if (typeof name !== 'string' || name === '' || names.includes(name)) return []
  return [{ path, sentence: explainUnknownPreset(name, names) }]
}

/** Checks each operation separately to find all mistakes; then the list as a whole, if there were none. */
function checkOps(value: unknown, at: string): ConfigProblem[] {
  const ops = toItems(value).map((op, index) => (isObject(op) ? tryOps([op], `${at}[${index}]`) : []))
  const found = ops.flat()
  return found.length === 0 && toItems(value).every(isObject) ? tryOps(toItems(value), at) : found
}

function tryOps(ops: readonly unknown[], path: string): ConfigProblem[] {
  try {
    parseOps(ops)
    return []
  } catch (error) {
    return [{ path, sentence: toImgprocError(error).message, cause: error }]
  }
}

/** Returns the first cycle of presets that extend each other. */
function checkCycles(config: PresetSource): ConfigProblem[] {
  for (const name of Object.keys(config.presets ?? {})) {
    try {
      resolvePreset(name, config)
    } catch (error) {
      return [{ path: `presets.${name}.extends`, sentence: toImgprocError(error).message, cause: error }]
    }
  }
  return []
}

function toError(found: readonly ConfigProblem[], { label, file }: ConfigOrigin): ImgprocError {
  const lines = found.map(({ path, sentence }) => (path === '' ? sentence : `${path}: ${sentence}`))
  const more = lines.length - MAX_SHOWN
  const message =
    lines.length === 1
      ? `${label}: ${lines[0]}`
      : [
          `${label} has ${lines.length} problems:`,
          ...lines.slice(0, MAX_SHOWN),
          ...(more > 0 ? [`and ${more} more`] : []),
        ].join('\n  ')
  const cause = found.find((problem) => problem.cause !== undefined)?.cause
  return createConfigError(message, file, cause)
}

function explainName(name: string): string {
  return `expected a name of letters, digits, "-", "_" and ".", not starting with "-" or ".", got ${show(name)}`
}

function namesIn(config: unknown): readonly string[] {
  return presetNames({
    presets: Object.fromEntries(Object.keys(toFields(toFields(config).presets)).map((name) => [name, {}])),
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toFields(value: unknown): Fields {
  return isObject(value) ? value : {}
}

function toItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
