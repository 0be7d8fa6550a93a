import type { ImgprocError } from '../../errors.js'
import { didYouMean } from '../../utils/did-you-mean.js'
import type { Priority } from '../records/types.js'
import type { UploadSettings } from '../uploads/accept-upload.js'
import { createRequestError } from './body-errors.js'

/** A setting as text: a field of a form, or a parameter of the URL. */
export interface SettingField {
  readonly name: string
  readonly value: string
}

/** Settings of the config for all uploads. */
export interface SettingDefaults {
  readonly presets: readonly string[]
  /** Seconds; an upload may ask for less, not for more. */
  readonly ttl: number | undefined
  readonly deleteAfterDownload: boolean
}

/** Names of the settings of an upload. */
export const SETTINGS = ['preset', 'priority', 'ttl', 'deleteAfterDownload'] as const

const PRIORITIES: readonly Priority[] = ['low', 'normal', 'high']
const SECONDS: Readonly<Record<string, number | undefined>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }
const MAX_TTL = 100 * 365 * 86_400

/**
 * Parses the settings of an upload. The last of several values wins; presets add up.
 *
 * @throws ImgprocError INVALID_USAGE for an unknown name or a wrong value.
 */
export function parseUploadSettings(
  fields: readonly SettingField[],
  defaults: SettingDefaults,
): UploadSettings {
  let priority: Priority = 'normal'
  let { ttl, deleteAfterDownload } = defaults
  const presets = new Set(defaults.presets)
  for (const { name, value } of fields) {
    if (name === 'preset') for (const preset of parsePresets(value)) presets.add(preset)
    else if (name === 'priority') priority = parsePriority(value)
    else if (name === 'ttl') ttl = Math.min(parseSeconds(value), defaults.ttl ?? Infinity)
    else if (name === 'deleteAfterDownload') deleteAfterDownload ||= parseFlag(name, value)
    else throw createUnknownSettingError(name)
  }
  return { presets: [...presets], priority, ttl, deleteAfterDownload }
}

/** Returns the names in a list that commas separate. */
function parsePresets(value: string): string[] {
  return value.split(',').flatMap((name) => name.trim() || [])
}

function parsePriority(value: string): Priority {
  const priority = PRIORITIES.find((one) => one === value)
  if (priority !== undefined) return priority
  throw createRequestError(
    `priority is ${JSON.stringify(value)}. Expected ${PRIORITIES.join(', ')}.${didYouMean(value, PRIORITIES)}`,
  )
}

function parseSeconds(value: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})([smhd]?)$/.exec(value) ?? []
  const seconds = Number(digits) * (SECONDS[unit] ?? 0)
  if (seconds >= 1 && seconds <= MAX_TTL) return seconds
  const message = `ttl is ${JSON.stringify(value)}. Expected seconds, or a number with s, m, h or d, such as 36h.`
  throw createRequestError(message)
}

function parseFlag(name: string, value: string): boolean {
  if (['', '1', 'true'].includes(value)) return true
  if (['0', 'false'].includes(value)) return false
  throw createRequestError(`${name} is ${JSON.stringify(value)}. Expected true or false.`)
}

function createUnknownSettingError(name: string): ImgprocError {
  const message = `There is no field ${JSON.stringify(name)}.${didYouMean(name, SETTINGS)} Known fields: image, ${SETTINGS.join(', ')}.`
  return createRequestError(message)
}
