import { resolveOptions } from '../../src/http/options.js'
import { createMachine } from '../../src/http/renditions/machine.js'
import type { UploadPart } from '../../src/http/request/upload-part.js'
import { createUploads } from '../../src/http/uploads/create-uploads.js'
import { createMemoryStore } from '../../src/stores/memory.js'

/** Returns the parts of a request with one file. */
export async function* partsOf(
  bytes: Uint8Array,
  fields: Readonly<Record<string, string>> = {},
): AsyncGenerator<UploadPart> {
  for (const [name, value] of Object.entries(fields)) yield { kind: 'field', name, value }
  yield { kind: 'file', file: { bytes, filename: 'a.jpg' } }
}

/** Opens the service of uploads in memory, without analyzers, and without its sweeper. */
export async function openImages(store = createMemoryStore()) {
  const options = resolveOptions({ uploads: { analyze: [] } })
  const machine = createMachine({ concurrency: 1 })
  return createUploads(store, { ...options, store: 'memory://data' }, machine)
}
