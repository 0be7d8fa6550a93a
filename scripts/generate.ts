// Writes the public types, which do not mention zod, from the registry and the config schema. Also writes the tables in
// README.md and docs/, and docs/operations.md except for its pictures.
import { writeFile } from 'node:fs/promises'
import * as registry from '../src/operations/registry.js'
import { writePages } from './docs.js'
import { writeRoomRules } from './room-rules.js'
import { writeOperationsPage } from './operations-doc.js'
import { configTypes, flagValues, imageOpTypes } from './types-from-schema.js'

await writeFile(
  new URL('../src/operations/image-op.generated.ts', import.meta.url),
  imageOpTypes(Object.values(registry)),
)
await writeFile(
  new URL('../src/operations/flag-values.generated.ts', import.meta.url),
  flagValues(Object.values(registry)),
)
await writeFile(new URL('../src/config/types.generated.ts', import.meta.url), configTypes())
await writeRoomRules()
await writePages()
await writeOperationsPage()
