import { ImgprocError } from '../errors.js'

/** One of several parts that a run's sources are shared out to. */
export interface Shard {
  /** From 1 on. */
  readonly index: number
  readonly count: number
}

/** As many hex digits of a source's id as make a number that is exact. */
const DIGITS = 12

/** `2/5` as a shard. Throws INVALID_USAGE where it is none. */
export function parseShard(text: string): Shard {
  const [, first = '', second = ''] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text) ?? []
  const [index, count] = [Number(first), Number(second)]
  if (index >= 1 && index <= count) return { index, count }
  const message = `"${text}" is no shard. Expected which of how many, from 1/5 to 5/5.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}

/** Whether a source falls to a shard: the same on every machine, whatever else is there. */
export function isInShard(id: string, { index, count }: Shard): boolean {
  return Number.parseInt(id.slice(0, DIGITS), 16) % count === index - 1
}

/** `2-of-5` */
export function nameOf({ index, count }: Shard): string {
  return `${index}-of-${count}`
}

/**
 * The file of a shard's own manifest.
 *
 * @example
 * ```ts
 * toShardFile('out/manifest.json', { index: 2, count: 5 }) // 'out/manifest-2-of-5.json'
 * ```
 */
export function toShardFile(file: string, shard: Shard): string {
  return file.replace(/(\.[^./]*)?$/, (extension) => `-${nameOf(shard)}${extension}`)
}

/** The shard that a manifest's file is named for, and the name that all of them have in common. */
export function readShardFile(file: string): (Shard & { readonly whole: string }) | undefined {
  const [, before, index, count, extension = ''] = /^(.*)-(\d+)-of-(\d+)(\.[^./]*)?$/s.exec(file) ?? []
  if (before === undefined) return undefined
  return { index: Number(index), count: Number(count), whole: `${before}${extension}` }
}
