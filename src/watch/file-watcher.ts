import { sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FSWatcher } from 'chokidar'
import { ImgprocError } from '../errors.js'
import { createIgnored, type WatchedPaths } from './watched-paths.js'

/** Sees which files change. */
export interface FileWatch {
  /** Looks at these places from now on. What changes after it settles isn't missed. */
  look(places: WatchedPaths): Promise<void>
  /** What was touched since the last call, when it has gone quiet; undefined once the signal stops it. */
  next(): Promise<ReadonlySet<string> | undefined>
  close(): Promise<void>
}

/** Milliseconds without a change after which a change is over, and the most that is waited for it. */
const QUIET = 100
const LONGEST = 1000

/** A file that is being written counts when it has kept its size for so many milliseconds. */
const WRITTEN = { stabilityThreshold: 200, pollInterval: 50 }

/** Watches files until the signal says stop. chokidar is loaded when it is needed. */
export function createFileWatch(signal: AbortSignal): FileWatch {
  const touched = new Set<string>()
  let events = 0
  let failure: ImgprocError | undefined
  let wake = () => {}
  let watcher: FSWatcher | undefined
  let current: string | undefined
  signal.addEventListener('abort', () => wake())

  const stir = () => {
    events++
    wake()
  }
  const note = (ref: string) => {
    touched.add(ref.replaceAll(sep, '/'))
    stir()
  }
  const fail = (error: unknown) => {
    failure ??= toLimit(error)
    // What else goes wrong is for the run to find: it reads the folders itself.
    stir()
  }
  const isIdle = () => events === 0 && !signal.aborted
  const goneQuiet = async () => {
    const end = performance.now() + LONGEST
    for (let before = -1; before !== events && performance.now() < end && !signal.aborted;) {
      before = events
      await sleep(QUIET, undefined, { signal }).catch(() => {})
    }
  }

  return {
    async look(places) {
      const wanted = JSON.stringify(places)
      if (wanted === current) return
      current = wanted
      await watcher?.close()
      watcher = await open(places, note, fail)
      if (failure !== undefined) throw failure
    },
    async next() {
      while (isIdle()) await new Promise<void>((resolve) => void (wake = resolve))
      await goneQuiet()
      if (failure !== undefined) throw failure
      if (signal.aborted) return undefined
      const taken = new Set(touched)
      touched.clear()
      events = 0
      return taken
    },
    close: async () => watcher?.close(),
  }
}

/** Settles when chokidar has looked at all that is there. */
async function open(
  places: WatchedPaths,
  note: (ref: string) => void,
  fail: (error: unknown) => void,
): Promise<FSWatcher> {
  const { watch } = await import('chokidar')
  const watcher = watch(
    places.folders.map(({ folder }) => folder),
    {
      ignored: createIgnored(places),
      ignoreInitial: true,
      ignorePermissionErrors: true,
      atomic: true,
      awaitWriteFinish: WRITTEN,
    },
  )
  watcher.on('all', (_, path) => note(path)).on('error', fail)
  await new Promise<void>((resolve) => void watcher.once('ready', resolve))
  return watcher
}

/** What keeps changes from being seen at all. */
function toLimit(error: unknown): ImgprocError | undefined {
  const { code } = Object(error) as Partial<NodeJS.ErrnoException> // read only
  if (code !== 'ENOSPC' && code !== 'EMFILE' && code !== 'ENFILE') return undefined
  const message =
    'There are more files than this system lets a program watch. On Linux raise the limit (sudo sysctl fs.inotify.max_user_watches=1048576), or set CHOKIDAR_USEPOLLING=1.'
  return new ImgprocError('READ_FAILED', message, { stage: 'read', cause: error })
}
