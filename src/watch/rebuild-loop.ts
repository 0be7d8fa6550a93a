import { isPipe, resolveLocation, relativeLocation } from '../paths/location.js'
import type { Plan } from '../plan/types.js'
import type { Job } from '../jobs/types.js'
import { ImgprocError } from '../errors.js'
import { loadRunOperations, resolveRun } from '../run/resolve-options.js'
import { createFailedRun, run, type Run } from '../run/run.js'
import type { ResolvedRun } from '../run/types.js'
import { createFileWatcher, type FileWatcher } from './file-watcher.js'
import type { Change, Rebuild, WatchOptions } from './types.js'
import { findOperationFiles, findWatchedPaths } from './watched-paths.js'

/** Runs once, and again after each change: see `watch`. */
export async function* rebuildOnChanges(options: WatchOptions): AsyncGenerator<Rebuild, void, undefined> {
  const left = new AbortController()
  const signal = AbortSignal.any([left.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const watcher = createFileWatcher(signal)
  let run: Run | undefined
  try {
    const first = await startFirstRun(options, watcher, signal)
    run = first.run
    yield toRebuild(first)
    let { state } = first
    for (;;) {
      await waitForEnd(run)
      const touched = await watcher.nextChanges()
      if (touched === undefined) return
      const next = await startNextRun(state, touched, watcher, signal)
      ;({ run, state } = next)
      if (next.isWorthReporting) yield toRebuild(next)
    }
  } catch (error) {
    // An error after an abort is a consequence of it.
    if (!signal.aborted) throw error
  } finally {
    // The manifest is written before the loop ends.
    left.abort()
    await waitForEnd(run)
    await watcher.close()
  }
}

/** State that the next rebuild starts from. */
interface State {
  readonly options: WatchOptions
  readonly resolved: ResolvedRun
  /** The files of `reload` have changed, and reading them failed. */
  readonly isStale: boolean
  /** Paths of the sources of the last plan, by their refs. */
  readonly sources: ReadonlyMap<string, string>
}

interface Attempt extends Rebuild {
  readonly state: State
  /** False for a run without changes and without anything to make. */
  readonly isWorthReporting: boolean
}

function toRebuild({ changes, run }: Attempt): Rebuild {
  // Watching goes on, even if the caller does not look at the error.
  run.catch(() => {})
  return { changes, run }
}

async function startFirstRun(
  options: WatchOptions,
  watcher: FileWatcher,
  signal: AbortSignal,
): Promise<Attempt> {
  const resolved = await updateWatchedPaths(options, watcher)
  const first = run({ ...options, signal })
  const state = { options, resolved, isStale: false, sources: sourcesOf(await first.plan) }
  return { changes: [], run: first, state, isWorthReporting: true }
}

async function startNextRun(
  before: State,
  touched: ReadonlySet<string>,
  watcher: FileWatcher,
  signal: AbortSignal,
): Promise<Attempt> {
  const isStale = before.isStale || reloadFiles(before).some((file) => touched.has(file))
  try {
    const options = isStale ? await reloadOptions(before.options) : before.options
    const resolved = await updateWatchedPaths(options, watcher)
    // The first run has done what `force` and `refresh` ask for. All images may be removed while watching.
    const next = run({ ...options, force: false, refresh: false, allowEmpty: true, signal })
    const plan = await next.plan
    const state = { options, resolved, isStale: false, sources: sourcesOf(plan) }
    const pending = [...plan].filter(({ renditions }) => renditions.length > 0)
    // Events may be late or missing: a touched source that is up to date has not changed.
    const isChanged = ({ source, renditions }: Job) =>
      touched.has(source.ref) || renditions.some(({ reason }) => reason === 'source changed')
    const changed = pending.filter(isChanged).map(({ source }) => source.ref)
    const changes = compare(before, state, new Set([...changed, ...findTouchedDependencies(before, touched)]))
    // Events for outputs among the sources, and sources that fail again, are not reported.
    const isNew = pending.some(({ renditions }) =>
      renditions.some(({ reason }) => reason !== 'failed before'),
    )
    return { changes, run: next, state, isWorthReporting: changes.length > 0 || isNew }
  } catch (error) {
    if (signal.aborted) throw error
    const state = { ...before, isStale }
    const changes = compare(before, state, touched)
    return { changes, run: createFailedRun(error), state, isWorthReporting: true }
  }
}

async function updateWatchedPaths(options: WatchOptions, watcher: FileWatcher): Promise<ResolvedRun> {
  await loadRunOperations(options)
  const resolved = resolveRun(options)
  if (resolved.manifest === false || isPipe(options.out ?? '')) {
    const message =
      'Watching needs a manifest and an output folder. Remove --no-manifest, and set --out to a folder.'
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  await watcher.setPaths(await findWatchedPaths(resolved, reloadFiles({ options, resolved })))
  return resolved
}

async function reloadOptions({ reload }: WatchOptions): Promise<WatchOptions> {
  const options = await reload?.read()
  return { reload, ...options }
}

function reloadFiles({ options, resolved }: Pick<State, 'options' | 'resolved'>): string[] {
  return (options.reload?.files ?? []).map((file) => resolveLocation(file, resolved.cwd))
}

function sourcesOf(plan: Plan): Map<string, string> {
  const existing = new Map<string, string>()
  // A named input that does not exist has no modification time.
  for (const { source, path } of plan) if (source.modified !== undefined) existing.set(source.ref, path)
  return existing
}

/** Returns touched files that are not sources, but that the run depends on. */
function findTouchedDependencies(state: State, touched: ReadonlySet<string>): string[] {
  return [...reloadFiles(state), ...findOperationFiles(state.resolved)].filter((ref) => touched.has(ref))
}

/** Returns the changes between two plans. Additions and removals come from the plans, not from file events. */
function compare({ resolved, sources }: State, after: State, touched: ReadonlySet<string>): Change[] {
  const added = [...after.sources].filter(([ref]) => !sources.has(ref))
  const removed = [...sources].filter(([ref]) => !after.sources.has(ref))
  const addedOrRemoved = new Set([...added, ...removed].map(([ref]) => ref))
  const changed = [...touched].filter((ref) => !addedOrRemoved.has(ref))
  return [
    ...added.map(([, path]) => ({ path, kind: 'added' }) as const),
    ...changed.map((ref) => ({ path: relativeLocation(ref, resolved.root), kind: 'changed' }) as const),
    ...removed.map(([, path]) => ({ path, kind: 'removed' }) as const),
  ]
}

async function waitForEnd(run: Run | undefined): Promise<void> {
  await run?.catch(() => {})
}
