import type { Codec } from '../utils/spool/lines.js'
import { createJobCodec } from './job-codec.js'
import type { Result } from './types.js'

/** Creates a codec for the results of one run. */
export function createResultCodec(): Codec<Result> {
  const { pack, unpack } = createJobCodec()
  return {
    encode: ({ job, ...rest }) => JSON.stringify([pack(job), rest]),
    decode(text) {
      const [job, rest] = JSON.parse(text) as readonly [job: unknown, rest: Omit<Result, 'job'>] // by `encode`
      return { job: unpack(job), ...rest }
    },
  }
}
