import { createJiti } from 'jiti'

// Node.js 20 runs no TypeScript.
export const { work } = await createJiti(import.meta.url).import('./worker.ts')
