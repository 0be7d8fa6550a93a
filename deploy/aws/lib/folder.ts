import { fileURLToPath } from 'node:url'

/** This app's folder, as seen from `build/app/lib`. */
export const FOLDER = fileURLToPath(new URL('../../../', import.meta.url))
