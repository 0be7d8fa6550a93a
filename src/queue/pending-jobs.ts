import type { Job, Result } from '../jobs/types.js'
import { createChannel } from './channel.js'
import type { ResultMessage } from './job-message.js'
import type { Ticket } from './parcels/pack-jobs.js'

/** The jobs of a run that are in the queue, and the results that nobody has read yet. */
export interface PendingJobs {
  readonly add: (tickets: readonly Ticket[]) => void
  readonly jobOf: (id: string) => Job | undefined
  /** Says which message a job is in. Does nothing if the job has its result. */
  readonly place: (id: string, message: string) => void
  /** Returns the jobs that are in a message. */
  readonly inMessage: (message: string) => readonly string[]
  /** Returns the messages that jobs are in. */
  readonly messages: () => string[]
  readonly size: () => number
  /** Returns ids, those that were looked at longest ago first. */
  readonly ids: (limit?: number) => string[]
  /** Puts an id behind all others. */
  readonly touch: (id: string) => void
  /** Gives a job its result. Does nothing if it has one. Returns true for the first. */
  readonly settle: (id: string, result: (job: Job) => ResultMessage) => boolean
  /** Drops jobs that were taken out of the queue: they have no result. */
  readonly drop: (ids: readonly string[]) => void
  /** Resolves to the number of jobs that may be added; 0 after `stop`. */
  readonly room: () => Promise<number>
  /** Ends the waiting for room. */
  readonly stop: () => void
  readonly isStopped: () => boolean
  /** Tells that no more jobs are added. The results end when all jobs have theirs. */
  readonly close: () => void
  readonly fail: (error: unknown) => void
  /** Resolves to the next result; undefined at the end. */
  readonly next: () => Promise<Result | undefined>
}

/**
 * Creates the list of a run's jobs.
 *
 * @param ahead jobs and unread results together, at most.
 */
export function createPendingJobs(ahead: number): PendingJobs {
  const pending = new Map<string, Job>()
  const places = createPlaces()
  const results = createChannel<Result>()
  const room = createRoom(() => ahead - pending.size - results.size())
  let isClosed = false
  const endIfDone = () => {
    room.look()
    if (isClosed && pending.size === 0) results.end()
  }
  return {
    add(tickets) {
      for (const { id, job } of tickets) pending.set(id, job)
    },
    jobOf: (id) => pending.get(id),
    place: (id, message) => pending.has(id) && places.put(id, message),
    inMessage: places.inMessage,
    messages: places.messages,
    size: () => pending.size,
    ids: (limit = Infinity) => firstOf(pending.keys(), limit),
    touch(id) {
      const job = pending.get(id)
      if (job === undefined) return
      pending.delete(id)
      pending.set(id, job)
    },
    settle(id, result) {
      const job = pending.get(id)
      if (job === undefined) return false
      pending.delete(id)
      places.remove(id)
      results.push({ ...result(job), job })
      endIfDone()
      return true
    },
    drop(ids) {
      for (const id of ids) {
        pending.delete(id)
        places.remove(id)
      }
      endIfDone()
    },
    room: room.wait,
    stop: room.stop,
    isStopped: room.isStopped,
    close() {
      isClosed = true
      endIfDone()
    },
    fail: (error) => results.fail(error),
    async next() {
      const result = await results.next()
      room.look()
      return result
    },
  }
}

/** Creates the table of which job is in which message. */
function createPlaces() {
  const messageOf = new Map<string, string>()
  const jobsOf = new Map<string, Set<string>>()
  const remove = (id: string) => {
    const message = messageOf.get(id)
    if (message === undefined) return
    messageOf.delete(id)
    const jobs = jobsOf.get(message)
    jobs?.delete(id)
    if (jobs?.size === 0) jobsOf.delete(message)
  }
  return {
    put(id: string, message: string) {
      if (messageOf.get(id) === message) return
      remove(id)
      messageOf.set(id, message)
      jobsOf.set(message, (jobsOf.get(message) ?? new Set()).add(id))
    },
    remove,
    inMessage: (message: string) => [...(jobsOf.get(message) ?? [])],
    messages: () => [...jobsOf.keys()],
  }
}

/** Creates the wait for room, which ends with `stop`. */
function createRoom(free: () => number) {
  let isStopped = false
  let look = () => {}
  return {
    /** Looks again if there is room. */
    look: () => look(),
    wait: async (): Promise<number> => {
      const isFull = () => !isStopped && free() <= 0
      while (isFull()) {
        await new Promise<void>((resolve) => {
          look = resolve
        })
      }
      return isStopped ? 0 : free()
    },
    stop: () => {
      isStopped = true
      look()
    },
    isStopped: () => isStopped,
  }
}

function firstOf<T>(items: Iterable<T>, limit: number): T[] {
  const first: T[] = []
  for (const item of items) {
    if (first.length >= limit) break
    first.push(item)
  }
  return first
}
