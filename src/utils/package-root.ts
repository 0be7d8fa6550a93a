/** The package's folder: two steps up from src/utils, dist/utils and the bundle in dist/bundle alike. */
export const PACKAGE_ROOT = new URL('../../', import.meta.url)
