import { createHeicDecoder } from './decode/heic.js'

export { cutForEighth as cutJpeg } from './decode/progressive-jpeg.js'

/** What reads formats that sharp doesn't: one for the whole process, since its threads cost memory. */
export const decoders = [createHeicDecoder()]
