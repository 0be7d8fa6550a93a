import type { Store } from '../../stores/types.js'
import { createEntrySizes, type Entry } from './entry-sizes.js'

export interface StoredOrderOptions {
  readonly store: Store
  /** Location of the folder, without a slash at its end. */
  readonly folder: string
  /** Bytes of all entries together. */
  readonly maxBytes: number
}

/** The entries of a folder in the order of their last use. Removes those that were not used for longest. */
export interface StoredOrder {
  /** Returns the location of an entry. */
  refOf(key: string): string
  /** Returns true if an entry is small enough to be stored. */
  fits(bytes: number): boolean
  /** Notes an entry that was written or read. */
  add(key: string, bytes: number): void
  /** Notes that an entry was used. */
  use(key: string): void
  /** Removes an entry. */
  drop(key: string): Promise<void>
  /** Stores the order, after everything has been removed that had to be. */
  close(): Promise<void>
}

/** Seconds between two writes of the order. Uses of the last minute are forgotten if the process is killed. */
const SAVE_SECONDS = 60
const ENTRY = /\/[0-9a-f]{2}\/([0-9a-f]+)$/
/** File with the keys of all entries, one a line, the least recently used first. */
const ORDER = 'order.txt'

/** Creates the order of a folder. It lists the folder in the background; until then nothing is removed. */
export function createStoredOrder({ store, folder, maxBytes }: StoredOrderOptions): StoredOrder {
  const refOf = (key: string) => `${folder}/${key.slice(0, 2)}/${key}`
  const removals = new Set<Promise<void>>()
  const remove = async (key: string) => {
    const removal = store.remove(refOf(key)).catch(() => {})
    removals.add(removal)
    await removal
    removals.delete(removal)
  }
  const sizes = createEntrySizes(maxBytes, (key) => void remove(key))
  // A store that fails is reported when results are asked for, not here.
  const loaded = listEntries(store, folder)
    .catch(() => [])
    .then((entries) => sizes.load(entries))
  let isChanged = false
  const save = async () => {
    if (!isChanged) return
    isChanged = false
    const text = Buffer.from(sizes.keys().join('\n'))
    await store.write(`${folder}/${ORDER}`, text, { contentType: 'text/plain' }).catch(() => {})
  }
  const timer = setInterval(() => void save(), SAVE_SECONDS * 1000).unref()
  return {
    refOf,
    fits: (bytes) => bytes <= maxBytes,
    add(key, bytes) {
      isChanged = true
      sizes.add(key, bytes)
    },
    use(key) {
      isChanged = true
      sizes.use(key)
    },
    async drop(key) {
      sizes.drop(key)
      await remove(key)
    },
    async close() {
      clearInterval(timer)
      await loaded
      await Promise.all(removals)
      await save()
    },
  }
}

/** Lists the entries of a folder, the least recently used first. Those that the stored order lacks were written later. */
async function listEntries(store: Store, folder: string): Promise<readonly Entry[]> {
  const lines = await store.read(`${folder}/${ORDER}`).then(
    (bytes) => Buffer.from(bytes).toString().split('\n'),
    () => [],
  )
  const places = new Map(lines.map((key, place) => [key, place]))
  const found: (Entry & { readonly place: number; readonly written: string })[] = []
  for await (const { ref, size, modified = '' } of store.list(folder)) {
    const key = ENTRY.exec(ref)?.[1]
    if (key !== undefined)
      found.push({ key, bytes: size, place: places.get(key) ?? Infinity, written: modified })
  }
  return found.toSorted((a, b) =>
    a.place === b.place ? (a.written < b.written ? -1 : 1) : a.place - b.place,
  )
}
