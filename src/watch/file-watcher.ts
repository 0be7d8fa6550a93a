import { sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FSWatcher } from 'chokidar'
import { ImgprocError } from '../errors.js'
import { createIgnored, type WatchedPaths } from './watched-paths.js'
import { readClock } from '../utils/clock.js'

/** Collects the paths of files that change. */
export interface FileWatcher {
  /**
   * Replaces the watched paths. Changes after it resolves are not missed.
   *
   * @throws READ_FAILED if the system's limit of watched files is reached.
   */
  setPaths(paths: WatchedPaths): Promise<void>
  /**
   * Waits for changes to settle. Returns the paths changed since the last call; undefined if the signal is aborted.
   *
   * @throws READ_FAILED if the system's limit of watched files is reached.
   */
  nextChanges(): Promise<ReadonlySet<string> | undefined>
  close(): Promise<void>
}

/** Milliseconds without an event after which changes have settled. */
const SETTLE_MS = 100
/** Milliseconds after which changes are returned although events go on. */
const MAX_SETTLE_MS = 1000

/** A file is complete if its size stays the same for so many milliseconds. */
const WRITE_FINISH = { stabilityThreshold: 200, pollInterval: 50 }

/** Creates a watcher that stops when the signal is aborted. chokidar is loaded with the first paths. */
export function createFileWatcher(signal: AbortSignal): FileWatcher {
  const changed = new Set<string>()
  let events = 0
  let failure: ImgprocError | undefined
  let wake = () => {}
  let watcher: FSWatcher | undefined
  let currentPaths: string | undefined
  signal.addEventListener('abort', () => wake())

  const countEvent = () => {
    events++
    wake()
  }
  const addChange = (ref: string) => {
    changed.add(ref.replaceAll(sep, '/'))
    countEvent()
  }
  const handleError = (error: unknown) => {
    // The next run reads the folders itself and reports other errors.
    failure ??= toWatchLimitError(error)
    countEvent()
  }
  const isIdle = () => events === 0 && !signal.aborted
  const waitUntilSettled = async () => {
    const end = readClock() + MAX_SETTLE_MS
    for (let before = -1; before !== events && readClock() < end && !signal.aborted;) {
      before = events
      await sleep(SETTLE_MS, undefined, { signal }).catch(() => {})
    }
  }

  return {
    async setPaths(paths) {
      const wanted = JSON.stringify(paths)
      if (wanted === currentPaths) return
      currentPaths = wanted
      await watcher?.close()
      watcher = await startWatcher(paths, addChange, handleError)
      if (failure !== undefined) throw failure
    },
    async nextChanges() {
      while (isIdle()) await new Promise<void>((resolve) => void (wake = resolve))
      await waitUntilSettled()
      if (failure !== undefined) throw failure
      if (signal.aborted) return undefined
      const taken = new Set(changed)
      changed.clear()
      events = 0
      return taken
    },
    close: async () => watcher?.close(),
  }
}

/** Resolves when chokidar has scanned all existing files. */
async function startWatcher(
  paths: WatchedPaths,
  onChange: (ref: string) => void,
  onError: (error: unknown) => void,
): Promise<FSWatcher> {
  const { watch } = await import('chokidar')
  const watcher = watch(
    paths.folders.map(({ folder }) => folder),
    {
      ignored: createIgnored(paths),
      ignoreInitial: true,
      ignorePermissionErrors: true,
      atomic: true,
      awaitWriteFinish: WRITE_FINISH,
    },
  )
  watcher.on('all', (_, path) => onChange(path)).on('error', onError)
  await new Promise<void>((resolve) => void watcher.once('ready', resolve))
  return watcher
}

/** Returns READ_FAILED if the system's limit of watched or open files is reached, undefined for other errors. */
function toWatchLimitError(error: unknown): ImgprocError | undefined {
  const { code } = Object(error) as Partial<NodeJS.ErrnoException> // read only
  if (code !== 'ENOSPC' && code !== 'EMFILE' && code !== 'ENFILE') return undefined
  const message =
    'Too many files to watch: the limit of this system is reached. On Linux, raise it (sudo sysctl fs.inotify.max_user_watches=1048576), or set CHOKIDAR_USEPOLLING=1.'
  return new ImgprocError('READ_FAILED', message, { stage: 'read', cause: error })
}
