/** Returns a list of the values that were given: one, several or none. */
export function toList<T extends string>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}
