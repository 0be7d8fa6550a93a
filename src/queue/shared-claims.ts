import { setTimeout as sleep } from 'node:timers/promises'
import { ImgprocError } from '../errors.js'
import type { ExecuteContext } from '../jobs/execute-job.js'
import type { Job } from '../jobs/types.js'
import { keyOf } from '../paths/location.js'
import { createOverwriteError } from '../plan/output-collisions.js'
import { reserveWithin, type PlannedClaims } from '../plan/output-claims.js'
import { sha256 } from '../utils/sha256.js'
import { queueId, type MessageClaims } from './job-message.js'
import { KEEP_SECONDS, type OpenQueue } from './open-queue.js'
import { readClock } from '../utils/clock.js'

/** Claims that are written at once. */
const CHUNK = 1000

/** A claim in Redis: the id of the job that has the path, or the kind of the path, and the source. */
type Claim = readonly [owner: string, source: string]

/** Puts the claims of a run into Redis, for jobs whose paths other jobs may want too. */
export interface ClaimPublisher {
  /** Returns true if no other job can want the same paths. */
  readonly isExclusive: (job: Job) => boolean
  /** Returns the claims of a job's message, after what it needs is in Redis; undefined for most jobs. */
  readonly publish: (job: Job) => Promise<MessageClaims | undefined>
  /** Removes the claims of a run that has ended. */
  readonly remove: () => Promise<void>
}

/** Creates the producer's end of the claims, before any job is added or removed. */
export async function createClaimPublisher(open: OpenQueue, claims: PlannedClaims): Promise<ClaimPublisher> {
  // Else jobs of a run that was killed may still need theirs.
  const isFresh = await isIdle(open)
  const prepared = new Map<string, Promise<void>>()
  const nameOf = ({ out }: Job) => `claims:${sha256(out).slice(0, 16)}`
  const prepare = async (key: string) => {
    if (isFresh) await open.client.del(key)
    const taken = claims.taken()
    for (let from = 0; from < taken.length; from += CHUNK) {
      const pairs = taken
        .slice(from, from + CHUNK)
        .flatMap((one) => [one.key, format([one.kind, one.source])])
      await open.client.hset(key, ...pairs)
    }
    // Those of a run that was killed are kept as long as the results of its jobs.
    await open.client.expire(key, KEEP_SECONDS)
  }
  return {
    isExclusive: claims.isExclusive,
    async publish(job) {
      if (claims.isExclusive(job)) return undefined
      const name = nameOf(job)
      const preparing = prepared.get(name) ?? prepare(open.keyOf(name))
      prepared.set(name, preparing)
      // Redis may be full or away: the next attempt has to write them again.
      await preparing.catch((error: unknown) => {
        prepared.delete(name)
        throw error
      })
      return { key: name, after: claims.earlierRivals(job).map(queueId) }
    },
    async remove() {
      for (const name of prepared.keys()) await open.client.del(open.keyOf(name))
    },
  }
}

async function isIdle({ queue }: OpenQueue): Promise<boolean> {
  const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'prioritized', 'completed')
  return Object.values(counts).every((count) => count === 0)
}

/** Milliseconds that a job waits for earlier ones with the worker's slot in its hands. */
const PATIENCE = 3000

/** The worker's end of the claims of one job. */
export interface Reservation {
  readonly reserve: ExecuteContext['reserve']
  /** True if an earlier job that may want the same path has not ended in time. Then the job has to run again later. */
  readonly hasGivenUp: () => boolean
}

/** Creates the worker's end of the claims of one job. */
export function createReservation(open: OpenQueue, job: Job, claims?: MessageClaims): Reservation {
  const within = reserveWithin(job)
  if (claims === undefined) return { reserve: within, hasGivenUp: () => false }
  const own = queueId(job)
  const key = open.keyOf(claims.key)
  let hasGivenUp = false
  let rivals: Promise<boolean> | undefined
  return {
    hasGivenUp: () => hasGivenUp,
    async reserve(path) {
      const twice = await within(path)
      if (twice !== undefined) return twice
      const areDone = await (rivals ??= waitForAll(open, claims.after))
      if (!areDone) {
        hasGivenUp = true
        throw new ImgprocError('INTERNAL', 'An earlier job has not ended yet.', {
          stage: 'write',
          retryable: true,
        })
      }
      const [owner, source] = await claim(open, key, keyOf(`${job.out}/${path}`), [own, job.path])
      if (owner === 'input') throw createOverwriteError(source, job.path)
      // The same job may have been here before its worker was killed.
      return owner === own ? undefined : source
    },
  }
}

async function claim({ client }: OpenQueue, key: string, path: string, wanted: Claim): Promise<Claim> {
  await client.hsetnx(key, path, format(wanted))
  await client.expire(key, KEEP_SECONDS)
  const found = await client.hget(key, path)
  return found === null ? wanted : parse(found)
}

function format(claim: Claim): string {
  return JSON.stringify(claim)
}

function parse(text: string): Claim {
  return JSON.parse(text) as Claim // written by `format`
}

/** Waits until jobs have ended: they have a time of their end, or were taken out of the queue. Returns false if that takes long. */
async function waitForAll({ client, keyOf: nameOf }: OpenQueue, ids: readonly string[]): Promise<boolean> {
  const started = readClock()
  for (const id of ids) {
    for (let delay = 2; ; delay = Math.min(delay * 2, 100)) {
      const [isThere, finishedOn] = await client.hmget(nameOf(id), 'timestamp', 'finishedOn')
      if (isThere === null || isThere === undefined || (finishedOn ?? null) !== null) break
      if (readClock() - started > PATIENCE) return false
      await sleep(delay)
    }
  }
  return true
}
