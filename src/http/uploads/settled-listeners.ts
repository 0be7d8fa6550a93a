/** Calls to make when work on an id has ended. */
export interface SettledListeners {
  /** Resolves at the next `tell` of the id. */
  readonly wait: (id: string) => Promise<void>
  readonly tell: (id: string) => void
}

/** Creates listeners; none waits yet. */
export function createSettledListeners(): SettledListeners {
  const listeners = new Map<string, (() => void)[]>()
  return {
    wait: (id) => new Promise((resolve) => listeners.set(id, [...(listeners.get(id) ?? []), resolve])),
    tell(id) {
      const waiting = listeners.get(id) ?? []
      listeners.delete(id)
      for (const resolve of waiting) resolve()
    },
  }
}
