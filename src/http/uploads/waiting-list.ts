import type { Priority } from '../records/types.js'

/** Ids that wait, by priority. */
export interface WaitingList {
  readonly size: () => number
  readonly has: (id: string) => boolean
  /** Adds an id that does not wait yet. */
  readonly add: (id: string, priority: Priority) => void
  readonly remove: (id: string) => void
  /** Removes and returns the oldest of the most urgent; undefined if none waits. */
  readonly take: () => string | undefined
  /** Removes and returns all. */
  readonly clear: () => readonly string[]
}

const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low']

/** Creates an empty list. */
export function createWaitingList(): WaitingList {
  const lists: Readonly<Record<Priority, Set<string>>> = {
    high: new Set(),
    normal: new Set(),
    low: new Set(),
  }
  const all = PRIORITIES.map((priority) => lists[priority])
  const has = (id: string) => all.some((list) => list.has(id))
  return {
    size: () => all.reduce((sum, list) => sum + list.size, 0),
    has,
    add(id, priority) {
      if (!has(id)) lists[priority].add(id)
    },
    remove(id) {
      for (const list of all) list.delete(id)
    },
    take() {
      for (const list of all) {
        const [id] = list
        if (id !== undefined) {
          list.delete(id)
          return id
        }
      }
      return undefined
    },
    clear() {
      const ids = all.flatMap((list) => [...list])
      for (const list of all) list.clear()
      return ids
    },
  }
}
