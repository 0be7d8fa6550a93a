import { ImgprocError } from '../../errors.js'
import { InvalidArgumentError } from 'commander'
import { parseShard } from '../../plan/shard.js'
import { toBytes } from '../../operations/settings/format.js'

/** Rejects an empty text, such as that of an unset shell variable; as a path it would be the working directory. */
export function nonEmpty(text: string): string {
  if (text.trim() === '')
    throw new InvalidArgumentError('Expected a non-empty value. Is a shell variable unset?')
  return text
}

/** Splits a list at commas, and appends it to those of earlier occurrences of the flag. */
export function collectList(text: string, before: string[] = []): string[] {
  const parts = text.split(',').map((part) => part.trim())
  const names = parts.filter((part) => part !== '')
  return names.length === 0 ? [nonEmpty('')] : [...before, ...names]
}

/** Appends a text to those of earlier occurrences of the flag. */
export function collectOne(text: string, before: string[] = []): string[] {
  return [...before, text]
}

export function nonNegativeInteger(text: string): number {
  return text.trim() === '0' ? 0 : positiveInteger(text)
}

export function positiveInteger(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('Expected a whole number, 1 or more.')
  return number
}

export function portNumber(text: string): number {
  const port = text.trim() === '' ? NaN : Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535.')
  return port
}

/** Parses a number of failures or a percentage. */
export function failureLimit(text: string): number | `${number}%` {
  const [, number, percent] = /^(\d+)(%?)$/.exec(text) ?? []
  if (number === undefined || (percent === '%' && Number(number) > 100))
    throw new InvalidArgumentError('Expected a number such as 20, or a percentage such as 5%.')
  return percent === '%' ? `${Number(number)}%` : Number(number)
}

export function shard(text: string): string {
  try {
    parseShard(text)
  } catch (error) {
    throw error instanceof ImgprocError ? new InvalidArgumentError(error.message) : error
  }
  return text
}

export function quality(text: string): number | 'auto' {
  if (text === 'auto') return text
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 100)
    throw new InvalidArgumentError('Expected a whole number from 1 to 100, or auto.')
  return number
}

/** Parses bytes, with or without a unit: `1000`, `50MB`. */
export function byteSize(text: string): number {
  const bytes = toBytes(/^\d+$/.test(text) ? Number(text) : text)
  if (!(bytes > 0)) throw new InvalidArgumentError('Expected a size such as 50MB.')
  return bytes
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 }

/** Parses whole seconds, with or without a unit: `10`, `10s`, `2m`. */
export function duration(text: string): number {
  const [, digits = '', unit = 's'] = /^(\d+)\s*(s|m|min|h|d)?$/i.exec(text.trim()) ?? []
  const seconds = Number(digits) * (SECONDS[unit.toLowerCase()] ?? 1)
  if (!(seconds > 0))
    throw new InvalidArgumentError('Expected whole seconds, or a duration such as 10s or 2m.')
  return seconds
}

/** The last priority of BullMQ. */
const MAX_PRIORITY = 2_097_151

/** Parses a place in a queue: BullMQ's priorities, of which 1 is the first. */
export function jobPriority(text: string): number {
  const priority = positiveInteger(text)
  if (priority > MAX_PRIORITY)
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_PRIORITY}.`)
  return priority
}
