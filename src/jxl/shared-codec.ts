import { createJxlCodec } from './codec.js'

/** One instance serves decoder and encoder of a whole process, because its threads take memory. */
export const jxlCodec = createJxlCodec()
