import { ImgprocError } from '../errors.js'

/** One of several parts of a run, each with some of its sources. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number
  readonly count: number
}

/** Hex digits of a source's id that fit into a number exactly: 48 bits of its 53. */
const ID_DIGITS = 12

/** Parses a shard such as `2/5`. Throws INVALID_USAGE if it is invalid. */
export function parseShard(text: string): Shard {
  const [, first = '', second = ''] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text) ?? []
  const [index, count] = [Number(first), Number(second)]
  if (index >= 1 && index <= count) return { index, count }
  const message = `"${text}" is not a shard. Expected INDEX/COUNT, such as 1/5 to 5/5.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}

/** Returns true if a source belongs to a shard. Depends on nothing but the source's id. */
export function isInShard(id: string, { index, count }: Shard): boolean {
  return Number.parseInt(id.slice(0, ID_DIGITS), 16) % count === index - 1
}

/** Returns the name of a shard, such as `2-of-5`. */
export function nameOf({ index, count }: Shard): string {
  return `${index}-of-${count}`
}

/**
 * Returns the file name of a shard's manifest.
 *
 * @example
 * ```ts
 * toShardFile('out/manifest.json', { index: 2, count: 5 }) // 'out/manifest-2-of-5.json'
 * ```
 */
export function toShardFile(file: string, shard: Shard): string {
  return file.replace(/(\.[^./]*)?$/, (extension) => `-${nameOf(shard)}${extension}`)
}

/**
 * Parses the file name of a shard's manifest into the shard and `whole`, the name of the joined manifest. Returns
 * undefined for any other file name.
 */
export function readShardFile(file: string): (Shard & { readonly whole: string }) | undefined {
  const [, before, index, count, extension = ''] = /^(.*)-(\d+)-of-(\d+)(\.[^./]*)?$/s.exec(file) ?? []
  if (before === undefined) return undefined
  return { index: Number(index), count: Number(count), whole: `${before}${extension}` }
}
