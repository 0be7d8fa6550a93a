import { describe, expect, it } from 'vitest'
import { withDefaults } from '../../src/image/limits.js'
import { createJobCodec } from '../../src/jobs/job-codec.js'
import { createResultCodec } from '../../src/jobs/result-codec.js'
import type { Job, Rendition } from '../../src/jobs/types.js'
import { corrupt, failed, result, skipped, written } from '../manifest/results.js'

const limits = { ...withDefaults(), bytes: Infinity }
const small: Rendition = {
  target: 'a.small.{ext}',
  preset: 'small',
  ops: [{ resize: { width: 9 } }],
  recipe: 'r-9',
}
const wide: Rendition = {
  target: 'a-20w.webp',
  preset: 'wide',
  ops: [{ resize: { width: 20 } }, { format: 'webp' }],
  recipe: 'r-20',
  width: 20,
  widthAt: 0,
  narrower: [10],
  sharedWidth: 20,
  skipSmaller: true,
}
const job: Job = {
  id: '0123456789abcdef',
  path: 'photos/"ä"\n.png',
  source: { ref: '/photos/"ä"\n.png', size: 9, modified: '2026-01-01T00:00:00.000Z', changed: 1.5 },
  renditions: [small, wide],
  out: '/out',
  analyze: ['blurhash'],
  limits,
  failOn: 'error',
}
/** With its keys in the order of a plan. */
const withUrl: Job = {
  id: job.id,
  path: job.path,
  source: { ref: 's3://shop/a.png', size: 9, etag: '"x"' },
  renditions: [],
  out: 's3://shop/out',
  baseUrl: 'https://example.org/',
  analyze: [],
  limits,
  failOn: 'none',
}
const [old, gone] = [written('thumb', 'a.webp'), skipped('hero', 'small')]

describe('a codec of jobs', () => {
  it.each<[string, Job]>([
    ['of a plan', job],
    [
      'with reasons',
      {
        ...job,
        renditions: [
          { ...small, reason: 'new' },
          { ...wide, reason: 'path changed', before: 'b' },
        ],
      },
    ],
    ['with a URL', withUrl],
    [
      'that is the same as before',
      Object.assign({}, job, { isSame: true, renditions: [wide], settled: [old, gone] }),
    ],
    ['that failed before', { ...job, renditions: [], settled: [failed('thumb', 'a.webp')] }],
  ])('gives back a job %s, with its keys in their order', (_, given) => {
    const { pack, unpack } = createJobCodec()
    // Other jobs have the same recipes, and others.
    pack({ ...job, renditions: [wide, { ...small, ops: [], preset: 'none' }], out: '/elsewhere' })
    const back = unpack(JSON.parse(JSON.stringify(pack(given))))
    expect(back).toStrictEqual(given)
    // An id in a queue is the hash of this text.
    expect(JSON.stringify(back)).toBe(JSON.stringify(given))
  })

  it('gives all jobs the same operations and limits', () => {
    const { pack, unpack } = createJobCodec()
    const [a, b] = [job, { ...job, id: 'b' }].map((one) => unpack(JSON.parse(JSON.stringify(pack(one)))))
    expect(a?.renditions[0]?.ops).toBe(small.ops)
    expect(b?.renditions[0]?.ops).toBe(small.ops)
    expect(b?.limits).toBe(limits)
  })
})

describe('a codec of results', () => {
  it('gives back a result', () => {
    const { encode, decode } = createResultCodec()
    const given = {
      ...result('a.png', [old, gone], { presets: ['thumb'] }),
      analysis: { blurhash: 'x' },
      analysisErrors: [{ name: 'phash', error: corrupt }],
      error: corrupt,
    }
    expect(decode(encode(given))).toStrictEqual(given)
  })
})
