import { LRUCache } from 'lru-cache'
import type { Source, Store } from '../../stores/types.js'

export interface StoredOrderOptions {
  readonly store: Store
  /** Location of the folder, without a slash at its end. */
  readonly folder: string
  /** Bytes of all entries together. */
  readonly maxBytes: number
}

/** Sizes of the entries of a folder, in the order of their last use. Removes those that were not used for longest. */
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

/** Seconds between two writes of the order. Those of the last minute are lost if the process is killed. */
const SAVE_SECONDS = 60
const ENTRY = /\/[0-9a-f]{2}\/([0-9a-f]+)$/
/** File with the keys of all entries, one a line, the least recently used first. */
const ORDER = 'order.txt'

/** Creates the order of a folder. It lists the folder in the background; until then nothing is removed. */
export function createCachedOrder({ store, folder, maxBytes }: StoredOrderOptions): StoredOrder {
  const refOf = (key: string) => `${folder}/${key.slice(0, 2)}/${key}`
  const removals = new Set<Promise<unknown>>()
  const remove = (key: string) => {
    const removal = store
      .remove(refOf(key))
      .catch(() => {})
      .finally(() => removals.delete(removal))
    removals.add(removal)
    return removal
  }
  const sizes = new LRUCache<string, number>({
    maxSize: maxBytes,
    sizeCalculation: (bytes) => Math.max(bytes, 1),
    dispose: (_bytes, key, reason) => {
      if (reason === 'evict') void remove(key)
    },
  })
  let isChanged = false
  /** Entries that were used before the folder was listed, and their sizes. They are more recent than all found there. */
  let early: Map<string, number | 'used' | 'dropped'> | undefined = new Map()
  const note = (key: string, change: number | 'used' | 'dropped') => {
    isChanged = true
    if (early === undefined) return apply(key, change)
    const size = change === 'used' ? (early.get(key) ?? change) : change
    early.delete(key)
    early.set(key, size)
  }
  const apply = (key: string, change: number | 'used' | 'dropped') => {
    if (change === 'used') sizes.get(key)
    else if (change === 'dropped') sizes.delete(key)
    else sizes.set(key, change)
  }
  const load = async () => {
    // A store that fails is reported when results are asked for, not here.
    const found = await listEntries(store, folder).catch(() => [])
    for (const { key, size } of found) sizes.set(key, size)
    for (const [key, change] of early ?? []) apply(key, change)
    early = undefined
  }
  const save = async () => {
    if (!isChanged) return
    isChanged = false
    const keys = [...sizes.keys()].toReversed()
    await store
      .write(`${folder}/${ORDER}`, Buffer.from(keys.join('\n')), { contentType: 'text/plain' })
      .catch(() => {})
  }
  const loaded = load()
  const timer = setInterval(() => void save(), SAVE_SECONDS * 1000).unref()
  return {
    refOf,
    fits: (bytes) => bytes <= maxBytes,
    add: (key, bytes) => note(key, bytes),
    use: (key) => note(key, 'used'),
    async drop(key) {
      note(key, 'dropped')
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
async function listEntries(store: Store, folder: string): Promise<{ key: string; size: number }[]> {
  const lines = await store.read(`${folder}/${ORDER}`).then(
    (bytes) => Buffer.from(bytes).toString().split('\n'),
    () => [],
  )
  const places = new Map(lines.map((key, place) => [key, place]))
  const entries: { key: string; size: number; place: number; written: string }[] = []
  for await (const source of store.list(folder)) {
    const key = ENTRY.exec(source.ref)?.[1]
    if (key !== undefined) entries.push({ key, place: places.get(key) ?? Infinity, ...factsOf(source) })
  }
  return entries.toSorted((a, b) =>
    a.place === b.place ? (a.written < b.written ? -1 : 1) : a.place - b.place,
  )
}

function factsOf({ size, modified = '' }: Source): { size: number; written: string } {
  return { size, written: modified }
}
