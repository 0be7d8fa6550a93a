/** Calls to make when work on an id has ended. */
export interface SettledListeners {
  /** Resolves at the next `tell` of the id. */
  readonly wait: (id: string) => Promise<void>
  readonly tell: (id: string) => void
  /** Waits for the ids that `list` returns, until it returns none: some begin only when others have ended. */
  readonly waitForAll: (list: () => readonly string[]) => Promise<void>
}

/** Creates listeners; none waits yet. */
export function createSettledListeners(): SettledListeners {
  const listeners = new Map<string, (() => void)[]>()
  const wait = (id: string) =>
    new Promise<void>((resolve) => listeners.set(id, [...(listeners.get(id) ?? []), resolve]))
  return {
    wait,
    async waitForAll(list) {
      for (let ids = list(); ids.length > 0; ids = list()) await Promise.all(ids.map(wait))
    },
    tell(id) {
      const waiting = listeners.get(id) ?? []
      listeners.delete(id)
      for (const resolve of waiting) resolve()
    },
  }
}
