/** Returns true if there is nothing to iterate. */
export function isEmpty(items: Iterable<unknown>): boolean {
  for (const _ of items) return false
  return true
}
