// One line an analyzer: its name is how config files and the command line call it.
export { blurhash } from './builtin/blurhash.js'
export { entropy } from './builtin/entropy.js'
export { gps } from './builtin/gps.js'
export { metadata } from './builtin/metadata.js'
export { palette } from './builtin/palette.js'
export { phash } from './builtin/phash.js'
export { sharpness } from './builtin/sharpness.js'
export { thumbhash } from './builtin/thumbhash.js'
