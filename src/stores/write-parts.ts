import type { Source, Store, WriteMeta } from './types.js'

/** Writes data that comes in parts. Stores that write whole objects only get it joined. */
export async function writeParts(
  store: Store,
  ref: string,
  parts: Iterable<Uint8Array>,
  meta: WriteMeta,
): Promise<Source> {
  if (store.writeParts !== undefined) return store.writeParts(ref, parts, meta)
  return store.write(ref, Buffer.concat([...parts]), meta)
}
