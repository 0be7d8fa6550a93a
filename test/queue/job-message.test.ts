import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Job } from '../../src/jobs/types.js'
import {
  createMessage,
  queueId,
  readMessage,
  readResult,
  toResultMessage,
} from '../../src/queue/job-message.js'
import { failure, result, written } from '../manifest/results.js'

const ops = [{ thumbnail: 100 }, { format: 'webp' as const }]
const job: Job = {
  ...result('a.jpg', []).job,
  renditions: [{ preset: 'thumb', target: 'a.webp', ops, recipe: 'r1', reason: 'new' }],
}

/** Returns the message of a job that is alone. */
function messageOf(one: Job) {
  return createMessage([{ id: queueId(one), job: one }])
}

/** Returns a value as it comes back from Redis. */
function send(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe('the message of a job', () => {
  it('arrives as it was sent, also with limits that JSON has no form for', () => {
    const limit = fc.oneof(fc.integer({ min: 1, max: 1e9 }), fc.constant(Infinity))
    const limits = fc.record({ pixels: limit, bytes: limit, frames: limit, seconds: limit })
    fc.assert(
      fc.property(limits, fc.string({ minLength: 1 }), fc.nat(), (given, path, size) => {
        const one = { ...job, path, limits: given, source: { ref: `/p/${path}`, size } }
        expect(readMessage(send(messageOf(one))).jobs).toEqual({ [queueId(one)]: one })
      }),
    )
  })

  it.each([
    ['another format', { format: 99 }, 'messages of version 99'],
    [
      'another imgproc',
      { tool: { name: 'imgproc', version: '9.9.9', sharp: '1', libvips: '2' } },
      'imgproc 9.9.9',
    ],
  ])('is refused from %s, with both versions', (_, change, theirs) => {
    const message = { ...messageOf(job), ...change }
    expect(() => readMessage(send(message))).toThrow(
      expect.objectContaining({ code: 'QUEUE_UNAVAILABLE', message: expect.stringContaining(theirs) }),
    )
    expect(() => readMessage(send(message))).toThrow('but this worker is imgproc 0.1.0')
  })

  it.each([
    ['no object', 7, 'expected an object'],
    ['no source', { jobs: { j: { ...job, source: undefined } } }, 'jobs.j.source'],
    ['a number for a path', { jobs: { j: { ...job, path: 7 } } }, 'jobs.j.path: expected a string, got 7'],
    ['no job', { jobs: {} }, 'jobs: expected a job'],
    ['an unknown operation', { jobs: withOps([{ thumbnial: 100 }]) }, 'There is no operation "thumbnial"'],
    ['a wrong parameter', { jobs: withOps([{ thumbnail: -1 }]) }, 'thumbnail'],
  ])('is refused with %s', (_, change, problem) => {
    const value = typeof change === 'number' ? change : { ...messageOf(job), ...change }
    expect(() => readMessage(send(value))).toThrow(problem)
  })

  function withOps(list: unknown[]) {
    return { j: { ...job, renditions: [{ ...job.renditions[0], ops: list }] } }
  }
})

describe('the id of a job in the queue', () => {
  it('is the same for the same work, whatever its reason', () => {
    const [rendition] = job.renditions
    const other: Job = { ...job, renditions: [{ ...rendition!, reason: 'forced', before: 'b.webp' }] }
    expect(queueId(other)).toBe(queueId(job))
    expect(queueId(job)).toMatch(/^job-[\da-f]{32}$/)
  })

  it.each<[string, Partial<Job>]>([
    ['source', { source: { ...job.source, ref: '/src/b.jpg' } }],
    ['size of the source', { source: { ...job.source, size: 10 } }],
    ['output folder', { out: '/elsewhere' }],
    ['recipe', { renditions: [{ ...job.renditions[0]!, recipe: 'r2' }] }],
    ['target', { renditions: [{ ...job.renditions[0]!, target: 'b.webp' }] }],
    ['limits', { limits: { ...job.limits, pixels: 2 } }],
    ['outputs that stay', { settled: [written('card', 'card.webp')] }],
  ])('differs with another %s', (_, change) => {
    expect(queueId({ ...job, ...change })).not.toBe(queueId(job))
  })
})

describe('the message of a result', () => {
  it.each([
    ['written outputs', result('a.jpg', [written('thumb', 'a.webp')])],
    ['a failure', failure('a.jpg', ['thumb'])],
    ['findings', result('a.jpg', [], { analysis: { phash: '00ff' } })],
  ])('arrives as it was sent, with %s', (_, each) => {
    const { job: _job, ...expected } = each
    expect(readResult(send(toResultMessage(each)))).toEqual(expected)
  })

  it('is refused if it is none', () => {
    expect(() => readResult({ status: 'ready', outputs: 7, ms: 1 })).toThrow(
      'outputs: expected a list, got 7',
    )
  })
})
