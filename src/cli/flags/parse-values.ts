import { ImgprocError } from '../../errors.js'
import { InvalidArgumentError } from 'commander'
import { parseShard } from '../../plan/shard.js'
import { toBytes } from '../../operations/settings/format.js'

/** A text; an empty one, most likely of an unset shell variable, would stand for the working directory. */
export function filled(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a text: is a shell variable unset?')
  return text
}

export function collectList(text: string, before: string[] = []): string[] {
  const parts = text.split(',').map((part) => part.trim())
  const named = parts.filter((part) => part !== '')
  return named.length === 0 ? [filled('')] : [...before, ...named]
}

export function collectOne(text: string, before: string[] = []): string[] {
  return [...before, text]
}

export function countOrNone(text: string): number {
  return text.trim() === '0' ? 0 : count(text)
}

export function count(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('Expected a whole number, 1 or more.')
  return number
}

export function failures(text: string): number | `${number}%` {
  const [, number, percent] = /^(\d+)(%?)$/.exec(text) ?? []
  if (number === undefined || (percent === '%' && Number(number) > 100))
    throw new InvalidArgumentError('Expected how many, such as 20, or a share, such as 5%.')
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

export function size(text: string): number {
  const bytes = toBytes(/^\d+$/.test(text) ? Number(text) : text)
  if (!(bytes > 0)) throw new InvalidArgumentError('Expected a size such as 50MB.')
  return bytes
}
