// One line per analyzer that needs packages of its own. Config files and the command line use the exported name.
export { faces } from './faces.js'
export { moderation } from './moderation.js'
export { objects } from './objects.js'
