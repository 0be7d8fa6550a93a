// One line per analyzer. Config files and the command line use the exported name.
export { blurhash } from './builtin/blurhash.js'
export { entropy } from './builtin/entropy.js'
export { gps } from './builtin/gps.js'
export { metadata } from './builtin/metadata.js'
export { palette } from './builtin/palette.js'
export { phash } from './builtin/phash.js'
export { sharpness } from './builtin/sharpness.js'
export { thumbhash } from './builtin/thumbhash.js'
