import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'
import { ImgprocError } from '../errors.js'
import type { Store } from '../stores/types.js'
import { parseJson } from '../utils/parse-json.js'

/** Who works in a place. */
const holderSchema = z.object({
  /** This lock's own name, and a part of a file's: a process may take one lock after the other. */
  token: z.string().regex(/^[\w-]+$/),
  /** 0 where it is free, and nothing could be removed. */
  pid: z.number(),
  host: z.string(),
  /** Where that id is its own: the machine since it started, and the container. */
  space: z.string(),
  /** When the process began, as the system counts: a pid is given again. Undefined where it doesn't tell. */
  born: z.string().optional(),
  /** ISO 8601. */
  since: z.string(),
  /** When it last told that it lives, ISO 8601. */
  beat: z.string(),
  /** The token of a dead one's lock that it has taken over. */
  after: z
    .string()
    .regex(/^[\w-]+$/)
    .optional(),
})
type Holder = z.infer<typeof holderSchema>

/** Lets a lock go; it never rejects. */
export type ReleaseLock = () => Promise<void>

/** The lock is ours, or a holder's who lives; undefined where it goes from hand to hand. */
type Acquired = { readonly own: Holder } | { readonly holder: Holder | undefined }

/** Tries to take what others keep taking and leaving. */
const MAX_ATTEMPTS = 5

/** Milliseconds after which a holder tells again that it lives. */
const HEARTBEAT_INTERVAL = 20_000

/** Milliseconds of silence after which a process is taken for dead that nobody here can ask after. */
const STALE_AFTER = 120_000

/**
 * Takes a place for one run; the function that lets it go, or undefined where nothing can be locked, as in a folder
 * that is read-only: what is written there will say why it can't be. The lock of a process that has died is taken
 * over; of one on another machine or in another container only its silence tells.
 *
 * @param ref the lock's file.
 * @param where what it stands for, in the words of whoever reads the message.
 * @throws ImgprocError OUTPUT_LOCKED if another run holds it.
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
    // It was let go in between.
    if (holder === undefined) continue
    if (isAlive(holder, own)) return { holder }
    // Only one at a time may replace a dead one's lock, else the second would replace the first's.
    const takeoverRef = `${ref}.${holder.token}`
    const other = await acquire(store, takeoverRef, own)
    if ('holder' in other) return other
    try {
      if ((await readHolder(store, ref))?.token !== holder.token) continue
      const successor = { ...own, after: holder.token }
      await writeHolder(store, ref, successor, false)
      // Whoever died while taking over has left this behind.
      if (holder.after !== undefined) await store.remove(`${ref}.${holder.after}`).catch(() => {})
      return { own: successor }
    } finally {
      await release(store, takeoverRef, own)
    }
  }
  return { holder: await readHolder(store, ref) }
}

/** Tells now and then that the holder lives; the function that lets go. */
function startHeartbeat(store: Store, ref: string, own: Holder): ReleaseLock {
  let beating: Promise<unknown> = Promise.resolve()
  const timer = setInterval(
    () => void (beating = beating.then(() => heartbeat(store, ref, own))),
    HEARTBEAT_INTERVAL,
  )
  // What else there is to do keeps the process alive.
  timer.unref()
  return async () => {
    clearInterval(timer)
    await beating
    await release(store, ref, own)
  }
}

async function heartbeat(store: Store, ref: string, own: Holder): Promise<void> {
  try {
    // Whoever has slept for long may have lost it.
    if ((await readHolder(store, ref))?.token !== own.token) return
    await writeHolder(store, ref, { ...own, beat: new Date().toISOString() }, false)
  } catch {
    // The next beat may come through.
  }
}

/** Whether it is ours now. */
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
    // Some may write to a bucket, and remove nothing.
    await store.remove(ref).catch(() => writeHolder(store, ref, { ...own, pid: 0 }, false))
  } catch {
    // It becomes free by our end, or by our silence.
  }
}

/** Undefined where nothing is. What can't be understood is no lock of ours, and nobody's who lives. */
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

function createHolder(): Holder {
  // oxlint-disable-next-line no-restricted-globals -- a lock names its process, of which nobody else tells
  const { pid } = process
  const born = readProcessStat(pid)?.born
  const since = new Date().toISOString()
  return {
    token: randomUUID(),
    pid,
    host: hostname(),
    space: findPidSpace(),
    ...(born !== undefined && { born }),
    since,
    beat: since,
  }
}

/** Two containers may have one hostname, and each its process 1; Linux tells them apart. */
function findPidSpace(): string {
  const machine = readProcFile(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')) ?? hostname()
  const container = readProcFile(() => readlinkSync('/proc/self/ns/pid')) ?? ''
  return `${machine.trim()} ${container}`.trim()
}

function isAlive({ pid, space, born, beat }: Holder, own: Holder): boolean {
  // 0 would be our own process group.
  if (pid <= 0) return false
  if (space !== own.space) return Date.now() - Date.parse(beat) < STALE_AFTER
  try {
    // oxlint-disable-next-line no-restricted-globals -- signal 0 only asks whether it is there
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  const now = readProcessStat(pid)
  // A zombie has ended, and its parent hasn't looked yet.
  if (now?.state === 'Z') return false
  return born === undefined || now === undefined || born === now.born
}

/** What a process does and when it began, in ticks since the machine did; only Linux tells. */
function readProcessStat(pid: number): { state: string | undefined; born: string | undefined } | undefined {
  const stat = readProcFile(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  if (stat === undefined) return undefined
  // The program's name comes second, in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], born: fields[19] }
}

/** Linux tells from memory, at once; other systems have no such files. */
function readProcFile(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function createLockedError(ref: string, where: string, holder: Holder | undefined): ImgprocError {
  const who =
    holder === undefined ? '' : `: process ${holder.pid} on ${holder.host}, ${formatAge(holder.since)}`
  const isElsewhere = holder !== undefined && holder.space !== findPidSpace()
  const advice = isElsewhere
    ? ` If it was killed, its lock goes two minutes later, or when you remove ${ref}.`
    : ''
  const message = `Another imgproc is at work in ${where}${who}. Wait until it ends, or choose another --out.${advice}`
  return new ImgprocError('OUTPUT_LOCKED', message, { stage: 'plan', path: ref })
}

/** `for 3 minutes` */
function formatAge(since: string): string {
  const minutes = Math.floor((Date.now() - Date.parse(since)) / 60_000)
  if (!(minutes > 0)) return 'for less than a minute'
  const [count, unit] = minutes < 120 ? [minutes, 'minute'] : [Math.floor(minutes / 60), 'hour']
  return `for ${new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(count)}`
}
