/** Returns a function that computes a value at the first call, and returns the same one at every later call. */
export function once<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined
  return () => (computed ??= { value: compute() }).value
}
