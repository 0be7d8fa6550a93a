import type { Rebuild, WatchOptions } from './types.js'

/**
 * Runs, and runs again when sources, files named by operations or files of `reload` change. One run is active at a
 * time; the next one starts when the loop asks for it, with all changes so far. Ends when the `signal` is aborted or the
 * loop is left. Nothing happens until it is iterated: awaiting it is not enough.
 *
 * An error in the initial options rejects the iteration. A later error rejects that rebuild's `run`, and watching goes
 * on. Outputs of removed sources are kept, unless `prune` is set.
 *
 * @throws INVALID_USAGE if an input is not on the local disk, or without a manifest.
 * @throws READ_FAILED if the system's limit of watched files is reached.
 * @example
 * ```ts
 * import { watch } from 'imgproc'
 * const signal = AbortSignal.timeout(60_000)
 * for await (const { changes, run } of watch({ inputs: ['photos'], preset: 'thumb', signal })) {
 *   const { renditions } = await run
 *   console.log(changes.map(({ path }) => path), renditions.written)
 * }
 * ```
 */
export async function* watch(options: WatchOptions): AsyncGenerator<Rebuild, void, undefined> {
  // Loaded when watching starts, since most importers of the library only call `transform`.
  const { rebuildOnChanges } = await import('./rebuild-loop.js')
  yield* rebuildOnChanges(options)
}
