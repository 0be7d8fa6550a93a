/** The package's folder: two steps up from src/core, dist/core and the bundle in dist/bin alike. */
export const PACKAGE_ROOT = new URL('../../', import.meta.url)
