import { isPipe, resolveLocation, relativeLocation } from '../paths/location.js'
import type { Plan } from '../plan/types.js'
import type { Job } from '../jobs/types.js'
import { ImgprocError } from '../errors.js'
import type { RunOptions } from '../run/options.js'
import { run, type Run } from '../run/run.js'
import { createFileWatch, type FileWatch } from './file-watcher.js'
import { filesNamed, findWatchedPaths } from './watched-paths.js'

/** What `watch` may be told: what `run` may, and where that comes from. */
export interface WatchOptions extends RunOptions {
  /** Has the options read anew when one of these files changes, such as a config. */
  readonly reload?:
    | { readonly files: readonly string[]; readonly read: () => Promise<WatchOptions> }
    | undefined
}

/** What has happened to a file since the run before. */
export interface Change {
  /** As in the manifest: the way from `root`. */
  readonly path: string
  readonly kind: 'added' | 'changed' | 'removed'
}

/** A run that changes have led to. */
export interface Rebuild {
  /** Nothing for the first run. */
  readonly changes: readonly Change[]
  readonly run: Run
}

/**
 * Runs, and runs again whenever something changes that matters: sources that are added, changed or removed, the files
 * that operations name, and those of `reload`. One run goes on at a time, and the next begins when the loop asks for
 * it; what changes meanwhile is then made at once. Ends when the `signal` says so, or the loop is left.
 *
 * What is wrong in the options at the beginning rejects the iteration. What goes wrong later rejects that rebuild's
 * `run`, and the next change may mend it. The outputs of a source that is gone stay, unless `prune` is set.
 *
 * @throws INVALID_USAGE for inputs that aren't on the disk, and where no manifest is kept.
 * @throws READ_FAILED where the system lets no more files be watched.
 * @example
 * ```ts
 * import { watch } from 'imgproc'
 * const signal = AbortSignal.timeout(60_000)
 * for await (const { changes, run } of watch({ inputs: ['photos'], preset: 'thumb', signal })) {
 *   const { renditions } = await run.summary
 *   console.log(changes.map(({ path }) => path), renditions.written)
 * }
 * ```
 */
export async function* watch(options: WatchOptions): AsyncGenerator<Rebuild, void, undefined> {
  const left = new AbortController()
  const signal = AbortSignal.any([left.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const files = createFileWatch(signal)
  let run: Run | undefined
  try {
    const first = await begin(options, files, signal)
    run = first.run
    yield tell(first)
    let { state } = first
    for (;;) {
      await settled(run)
      const touched = await files.next()
      if (touched === undefined) return
      const next = await again(state, touched, files, signal)
      ;({ run, state } = next)
      if (next.isNews) yield tell(next)
    }
  } catch (error) {
    // What was told to stop has not failed.
    if (!signal.aborted) throw error
  } finally {
    // Whoever leaves the loop finds the manifest written.
    left.abort()
    await settled(run)
    await files.close()
  }
}

/** What the next rebuild builds on. */
interface State {
  readonly options: WatchOptions
  /** The options have changed and can't be read. */
  readonly isStale: boolean
  /** Paths of the sources by their refs, as of the last plan. */
  readonly sources: ReadonlyMap<string, string>
}

interface Attempt extends Rebuild {
  readonly state: State
  /** Whether there is anything to tell. */
  readonly isNews: boolean
}

function tell({ changes, run }: Attempt): Rebuild {
  return { changes, run }
}

async function begin(options: WatchOptions, files: FileWatch, signal: AbortSignal): Promise<Attempt> {
  await look(options, files)
  const first = run({ ...options, signal })
  const sources = sourcesOf(await first.plan)
  return { changes: [], run: first, state: { options, isStale: false, sources }, isNews: true }
}

async function again(
  before: State,
  touched: ReadonlySet<string>,
  files: FileWatch,
  signal: AbortSignal,
): Promise<Attempt> {
  const isStale = before.isStale || reloadFiles(before.options).some((file) => touched.has(file))
  try {
    const options = isStale ? await reread(before.options) : before.options
    await look(options, files)
    // What was forced is made; and that all images have gone is no mistake.
    const next = run({ ...options, force: false, refresh: false, allowEmpty: true, signal })
    const plan = await next.plan
    const state = { options, isStale: false, sources: sourcesOf(plan) }
    const toMake = plan.jobs.filter(({ renditions }) => renditions.length > 0)
    // An event may come late, or not yet: what is touched and made already has not changed.
    const isChanged = ({ source, renditions }: Job) =>
      touched.has(source.ref) || renditions.some(({ reason }) => reason === 'source changed')
    const changed = toMake.filter(isChanged).map(({ source }) => source.ref)
    const changes = compare(before, state, new Set([...changed, ...othersOf(before, touched)]))
    // A run among its own sources touches what it writes: that is no news, nor is what fails again.
    const isNew = toMake.some(({ renditions }) => renditions.some(({ reason }) => reason !== 'failed before'))
    return { changes, run: next, state, isNews: changes.length > 0 || isNew }
  } catch (error) {
    if (signal.aborted) throw error
    const state = { ...before, isStale }
    return { changes: compare(before, state, touched), run: fail(error), state, isNews: true }
  }
}

/** Looks at what matters to these options. */
async function look(options: WatchOptions, files: FileWatch): Promise<void> {
  if (options.manifest === false || isPipe(options.out ?? '')) {
    const message =
      'Watching needs a manifest, which tells what is made: leave --no-manifest out, and name a folder with --out.'
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  await files.look(await findWatchedPaths(options, reloadFiles(options)))
}

async function reread({ reload }: WatchOptions): Promise<WatchOptions> {
  const options = await reload?.read()
  return { reload, ...options }
}

function reloadFiles({ cwd = '.', reload }: WatchOptions): string[] {
  return (reload?.files ?? []).map((file) => resolveLocation(file, resolveLocation(cwd, '.')))
}

function sourcesOf({ jobs }: Plan): Map<string, string> {
  // What was named and isn't there has no date.
  const isThere = jobs.filter(({ source }) => source.modified !== undefined)
  return new Map(isThere.map(({ source, path }) => [source.ref, path]))
}

/** Files that have changed and are no sources. */
function othersOf({ options }: State, touched: ReadonlySet<string>): string[] {
  return [...reloadFiles(options), ...filesNamed(options)].filter((ref) => touched.has(ref))
}

/** What has happened between two plans; they know best what came and went. */
function compare({ options, sources }: State, after: State, touched: ReadonlySet<string>): Change[] {
  const root = resolveLocation(options.root ?? '.', resolveLocation(options.cwd ?? '.', '.'))
  const added = [...after.sources].filter(([ref]) => !sources.has(ref))
  const removed = [...sources].filter(([ref]) => !after.sources.has(ref))
  const came = new Set([...added, ...removed].map(([ref]) => ref))
  const changed = [...touched].filter((ref) => !came.has(ref))
  return [
    ...added.map(([, path]) => ({ path, kind: 'added' }) as const),
    ...changed.map((ref) => ({ path: relativeLocation(ref, root), kind: 'changed' }) as const),
    ...removed.map(([, path]) => ({ path, kind: 'removed' }) as const),
  ]
}

/** A run that could not begin. */
function fail(error: unknown): Run {
  const failed = <T>() => {
    const promise = Promise.reject<T>(error)
    promise.catch(() => {})
    return promise
  }
  return {
    plan: failed(),
    summary: failed(),
    manifest: failed(),
    [Symbol.asyncIterator]: () => ({ next: failed }),
  }
}

async function settled(run: Run | undefined): Promise<void> {
  await run?.summary.catch(() => {})
}
