// Writes the types that users see, free of zod, from the registry and the config's schema; and the README's tables.
import { writeFile } from 'node:fs/promises'
import * as registry from '../src/ops/registry.js'
import { writeReadme } from './docs.js'
import { configTypes, imageOpTypes } from './types-from-schema.js'

await writeFile(new URL('../src/ops/image-op.ts', import.meta.url), imageOpTypes(Object.values(registry)))
await writeFile(new URL('../src/config/user-config.ts', import.meta.url), configTypes())
await writeReadme()
