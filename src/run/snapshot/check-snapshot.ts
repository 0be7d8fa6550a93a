import type { Summary } from '../../jobs/summary.js'
import { relativeLocation } from '../../paths/location.js'
import { listBatches, type ListedBatch } from '../../plan/list-batches.js'
import { hasJournal } from '../../state/journal.js'
import {
  readSnapshot,
  type Snapshot,
  type SnapshotCounts,
  type SnapshotOutput,
} from '../../state/snapshot.js'
import { stateFolder } from '../../state/state-folder.js'
import { statAll } from '../../stores/stat-all.js'
import type { Store } from '../../stores/types.js'
import { chunksOf } from '../../utils/chunks-of.js'
import { manifestRef } from '../open-folder.js'
import type { ResolvedRun } from '../types.js'
import { describeSource, identify, snapshotFolder } from './identify-run.js'

/*
 * Most runs repeat the last one. Planning and checking ten thousand jobs takes longer than comparing what they are made
 * of. So a run leaves a snapshot, and the next run first looks if all of it still holds.
 */

/** The look at the last run's snapshot. */
export interface SnapshotCheck {
  /** The counts of this run, if the snapshot holds: there is nothing to do. */
  readonly counts: SnapshotCounts | undefined
  /** The files that were listed for it; undefined if none were. */
  readonly listed: readonly ListedBatch[] | undefined
}

/**
 * Checks if nothing has changed since the last run with the same settings. Sources are compared by size, mtime and ctime,
 * outputs by size, as for each job of a planned run.
 */
export async function checkSnapshot(store: Store, run: ResolvedRun): Promise<SnapshotCheck> {
  const out = snapshotFolder(run)
  const snapshot =
    out === undefined || run.force ? undefined : await readSnapshot(store, stateFolder(out, undefined))
  if (out === undefined || snapshot === undefined) return { counts: undefined, listed: undefined }
  if (!(await isManifestSame(store, snapshot, run, out))) return { counts: undefined, listed: undefined }
  const listed = await listBatches(store, { ...run, out })
  const isSame =
    (await identify(store, run, out, listed)) === snapshot.seen && (await hasOutputs(store, out, snapshot))
  return { counts: isSame ? snapshot.counts : undefined, listed }
}

async function isManifestSame(
  store: Store,
  snapshot: Snapshot,
  run: ResolvedRun,
  out: string,
): Promise<boolean> {
  const manifest = await store.stat(manifestRef(out, run))
  return (
    manifest !== undefined &&
    describeSource(manifest) === describeSource(snapshot.manifest) &&
    !(await hasJournal(store, stateFolder(out, undefined)))
  )
}

/** Outputs that are looked up together. */
const CHUNK = 1024

async function hasOutputs(store: Store, out: string, { outputs }: Snapshot): Promise<boolean> {
  const areThere = async (chunk: readonly SnapshotOutput[]) => {
    const found = await statAll(
      store,
      chunk.map(({ path }) => `${out}/${path}`),
    )
    return found.every((source, at) => source?.size === chunk[at]?.bytes)
  }
  for (const chunk of chunksOf(outputs, CHUNK)) if (!(await areThere(chunk))) return false
  return true
}

/** Returns the summary of a run that has nothing to do. */
export function summarizeUnchanged(counts: SnapshotCounts, run: ResolvedRun, seconds: number): Summary {
  const out = snapshotFolder(run)
  const manifest = out === undefined ? {} : { manifest: relativeLocation(manifestRef(out, run), run.cwd) }
  return { ...counts, bytes: { in: 0, out: 0 }, seconds, failures: [], ...manifest }
}
