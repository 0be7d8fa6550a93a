import { hashText } from './hash-text.js'

/** Looks for texts that occur more than once. Holds eight bytes for each text. */
export interface RepeatDetector {
  readonly add: (text: string) => void
  /**
   * Returns the texts that were added more than once.
   *
   * @param list yields the texts again; only called if there may be some.
   */
  readonly find: (list: () => Iterable<string>) => ReadonlySet<string>
}

const FIRST_CAPACITY = 1024

export function createRepeatDetector(): RepeatDetector {
  let hashes = new Float64Array(FIRST_CAPACITY)
  let length = 0
  return {
    add(text) {
      if (length === hashes.length) {
        const larger = new Float64Array(length * 2)
        larger.set(hashes)
        hashes = larger
      }
      hashes[length++] = hashText(text)
    },
    find(list) {
      const suspects = findEqual(hashes.subarray(0, length).toSorted())
      return suspects.size === 0 ? new Set() : findAmong(list(), suspects)
    },
  }
}

/**
 * Returns the texts that occur more than once.
 *
 * @param list yields the texts; called once more if there may be some.
 */
export function findRepeated(list: () => Iterable<string>): ReadonlySet<string> {
  const detector = createRepeatDetector()
  for (const text of list()) detector.add(text)
  return detector.find(list)
}

function findEqual(sorted: Float64Array): ReadonlySet<number> {
  const equal = new Set<number>()
  for (let at = 1; at < sorted.length; at++) {
    const hash = sorted[at]
    if (hash !== undefined && hash === sorted[at - 1]) equal.add(hash)
  }
  return equal
}

function findAmong(texts: Iterable<string>, suspects: ReadonlySet<number>): ReadonlySet<string> {
  const [seen, repeated] = [new Set<string>(), new Set<string>()]
  for (const text of texts) {
    if (!suspects.has(hashText(text))) continue
    if (seen.has(text)) repeated.add(text)
    seen.add(text)
  }
  return repeated
}
