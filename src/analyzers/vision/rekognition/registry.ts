// One line per analyzer that asks Amazon Rekognition. A config chooses them by `rekognition` instead of a module.
export { faces } from './faces.js'
export { moderation } from './moderation.js'
export { objects } from './objects.js'
