// One line an analyzer: its name is how config files and the command line call it.
export { blurhash } from './blurhash.js'
export { entropy } from './entropy.js'
export { gps } from './gps.js'
export { metadata } from './metadata.js'
export { palette } from './palette.js'
export { phash } from './phash.js'
export { sharpness } from './sharpness.js'
export { thumbhash } from './thumbhash.js'
