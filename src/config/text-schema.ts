import { z } from 'zod'
import { once } from '../utils/once.js'

/** Schema of a text that is not empty. */
export const text = once(() =>
  z.string({ error: 'a non-empty string' }).min(1, { error: 'a non-empty string' }),
)
