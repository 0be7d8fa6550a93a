/** Runs work on one key after another; work on different keys does not wait. */
export type KeyedLock = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Creates a lock for this process. */
export function createKeyedLock(): KeyedLock {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const result = (last.get(key) ?? Promise.resolve()).then(work)
    const settled = result.catch(() => {})
    last.set(key, settled)
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key)
    })
    return result
  }
}
