/** URL of the package's folder: two folders above src/utils, dist/utils and the bundle in dist/bundle alike. */
export const PACKAGE_ROOT = new URL('../../', import.meta.url)
