import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { z } from 'zod'
import { ImgprocError } from '../errors.js'
import type { Store } from '../stores/types.js'
import { parseJson } from '../utils/parse-json.js'
import { isRunning, thisProcess } from '../utils/process-identity.js'

/** The content of a lock file: the process that holds the lock. */
const holderSchema = z.object({
  /** Identifies this lock and is part of a file name: a process may hold several locks, one after another. */
  token: z.string().regex(/^[\w-]+$/),
  /** 0 for a released lock whose file could not be removed. */
  pid: z.number(),
  host: z.string(),
  /** The scope in which `pid` is unique: a boot of a machine, and a container's PID namespace. */
  space: z.string(),
  /** Start time of the process in clock ticks, since a pid is reused. Only on Linux. */
  born: z.string().optional(),
  /** Start of the lock, ISO 8601. */
  since: z.string(),
  /** Last heartbeat, ISO 8601. */
  beat: z.string(),
  /** The token of the stale lock that this one replaced. */
  after: z
    .string()
    .regex(/^[\w-]+$/)
    .optional(),
})
type Holder = z.infer<typeof holderSchema>

/** Releases a lock. Never rejects. */
export interface ReleaseLock {
  (): Promise<void>
  /** True if the lock replaced a stale one: the last run was killed. */
  readonly replacedStale: boolean
}

/** Our own lock, or the process that holds it; undefined if processes keep acquiring and releasing it. */
type Acquired = { readonly own: Holder } | { readonly holder: Holder | undefined }

/** Attempts to acquire a lock that others keep acquiring and releasing. */
const MAX_ATTEMPTS = 5

/** Milliseconds between heartbeats. */
const HEARTBEAT_INTERVAL = 20_000

/** Milliseconds without a heartbeat after which a lock is stale whose process cannot be checked from here. */
const STALE_AFTER = 120_000

/** Milliseconds by which the clock of another machine may be ahead. A later heartbeat comes from a clock that was set back. */
const MAX_CLOCK_LEAD = 60 * 60 * 1000

/**
 * Locks a folder or file for one run. Replaces a stale lock: one whose process has ended or, if that runs on another
 * machine or in another container, one without a heartbeat for two minutes.
 *
 * @param ref the lock file.
 * @param where name of the folder or file, for the error message.
 * @returns the function that releases the lock; undefined if the lock file cannot be written, as in a read-only folder:
 * writing the outputs will report why.
 * @throws ImgprocError OUTPUT_LOCKED if another run holds the lock.
 */
export async function lock(store: Store, ref: string, where: string): Promise<ReleaseLock | undefined> {
  let acquired: Acquired
  try {
    acquired = await acquire(store, ref, createHolder())
  } catch (error) {
    if (error instanceof ImgprocError) return undefined
    throw error
  }
  if ('holder' in acquired) throw createLockedError(ref, where, acquired.holder)
  return startHeartbeat(store, ref, acquired.own)
}

async function acquire(store: Store, ref: string, own: Holder): Promise<Acquired> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (await writeHolder(store, ref, own, true)) return { own }
    const holder = await readHolder(store, ref)
    // It was released in the meantime.
    if (holder === undefined) continue
    if (isAlive(holder)) return { holder }
    // A lock on the takeover: without it, a second process could replace the lock that the first one has just written.
    const takeoverRef = `${ref}.${holder.token}`
    const other = await acquire(store, takeoverRef, own)
    if ('holder' in other) return other
    try {
      if ((await readHolder(store, ref))?.token !== holder.token) continue
      const successor = { ...own, after: holder.token }
      await writeHolder(store, ref, successor, false)
      // A process that died during its takeover left its takeover lock behind.
      if (holder.after !== undefined) await store.remove(`${ref}.${holder.after}`).catch(() => {})
      return { own: successor }
    } finally {
      await release(store, takeoverRef, own)
    }
  }
  return { holder: await readHolder(store, ref) }
}

/** Starts to update the lock file at intervals. Returns the function that stops that and releases the lock. */
function startHeartbeat(store: Store, ref: string, own: Holder): ReleaseLock {
  let beating: Promise<unknown> = Promise.resolve()
  const timer = setInterval(
    () => void (beating = beating.then(() => heartbeat(store, ref, own))),
    HEARTBEAT_INTERVAL,
  )
  // A heartbeat must not keep the process alive.
  timer.unref()
  const stop = async () => {
    clearInterval(timer)
    await beating
    await release(store, ref, own)
  }
  return Object.assign(stop, { replacedStale: own.after !== undefined })
}

async function heartbeat(store: Store, ref: string, own: Holder): Promise<void> {
  try {
    // Another run may have replaced the lock while this machine was suspended.
    if ((await readHolder(store, ref))?.token !== own.token) return
    await writeHolder(store, ref, { ...own, beat: new Date().toISOString() }, false)
  } catch {
    // The next heartbeat may succeed.
  }
}

/** Writes the lock file. Returns false if it exists although it must not. */
async function writeHolder(store: Store, ref: string, own: Holder, ifAbsent: boolean): Promise<boolean> {
  try {
    const meta = { contentType: 'application/json', ...(ifAbsent && { ifAbsent }) }
    await store.write(ref, Buffer.from(`${JSON.stringify(own)}\n`), meta)
    return true
  } catch (error) {
    if (error instanceof ImgprocError && error.code === 'OUTPUT_COLLISION') return false
    throw error
  }
}

async function release(store: Store, ref: string, own: Holder): Promise<void> {
  try {
    if ((await readHolder(store, ref))?.token !== own.token) return
    // Some credentials may write to a bucket but not remove from it.
    await store.remove(ref).catch(() => writeHolder(store, ref, { ...own, pid: 0 }, false))
  } catch {
    // The lock becomes stale when this process ends or its heartbeats stop.
  }
}

/** Reads the lock file. Returns undefined if there is none. An unreadable lock counts as stale. */
async function readHolder(store: Store, ref: string): Promise<Holder | undefined> {
  let text: string
  try {
    text = Buffer.from(await store.read(ref)).toString()
  } catch (error) {
    if (error instanceof ImgprocError && error.code === 'INPUT_NOT_FOUND') return undefined
    throw error
  }
  const { data } = holderSchema.safeParse(parseJson(text))
  return data ?? { token: 'unreadable', pid: 0, host: '', space: '', since: '', beat: '' }
}

/** Describes this process as the holder of a new lock. */
function createHolder(): Holder {
  const since = new Date().toISOString()
  return { token: randomUUID(), ...thisProcess(), host: hostname(), since, beat: since }
}

function isAlive(holder: Holder): boolean {
  // A released lock whose file could not be removed.
  if (holder.pid <= 0) return false
  const age = Date.now() - Date.parse(holder.beat)
  return isRunning(holder) ?? (age < STALE_AFTER && age > -MAX_CLOCK_LEAD)
}

function createLockedError(ref: string, where: string, holder: Holder | undefined): ImgprocError {
  const who =
    holder === undefined ? '' : `: process ${holder.pid} on ${holder.host}, ${formatAge(holder.since)}`
  const isElsewhere = holder !== undefined && holder.space !== thisProcess().space
  const advice = isElsewhere
    ? ` If it was killed, its lock expires after two minutes, or when you remove ${ref}.`
    : ''
  const message = `Another imgproc is writing to ${where}${who}. Wait until it ends, or choose another out (--out).${advice}`
  return new ImgprocError('OUTPUT_LOCKED', message, { stage: 'plan', path: ref })
}

/** Formats the time since a date, such as `for 3 minutes`. */
function formatAge(since: string): string {
  const minutes = Math.floor((Date.now() - Date.parse(since)) / 60_000)
  if (!(minutes > 0)) return 'for less than a minute'
  const [count, unit] = minutes < 120 ? [minutes, 'minute'] : [Math.floor(minutes / 60), 'hour']
  return `for ${new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(count)}`
}
