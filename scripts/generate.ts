// Writes the types that users see, free of zod, from the registry and the config's schema; the README's tables,
// and docs/operations.md around its pictures.
import { writeFile } from 'node:fs/promises'
import * as registry from '../src/operations/registry.js'
import { writeReadme } from './docs.js'
import { writeRoomRules } from './room-rules.js'
import { writeOperationsPage } from './operations-doc.js'
import { configTypes, imageOpTypes } from './types-from-schema.js'

await writeFile(
  new URL('../src/operations/image-op.generated.ts', import.meta.url),
  imageOpTypes(Object.values(registry)),
)
await writeFile(new URL('../src/config/types.generated.ts', import.meta.url), configTypes())
await writeRoomRules()
await writeReadme()
await writeOperationsPage()
