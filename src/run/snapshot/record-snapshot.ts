import type { Plan } from '../../plan/types.js'
import type { Result } from '../../jobs/types.js'
import { createOutputCollector, writeSnapshot } from '../../state/snapshot.js'
import type { Store } from '../../stores/types.js'
import type { OutputFolder } from '../types.js'

/** Collects a run's results for its snapshot. */
export interface SnapshotRecorder {
  add(result: Result): void
  /** Writes the snapshot, if the same run would have nothing to do. Never rejects. */
  save(store: Store, plan: Pick<Plan, 'ignored' | 'sniffed'>): Promise<void>
}

/** Creates the recorder of an output folder's snapshot. */
export function createSnapshotRecorder({ out, seen, manifest, state }: OutputFolder): SnapshotRecorder {
  const sources = { total: 0, ready: 0, partial: 0, failed: 0, skipped: 0 }
  const renditions = { written: 0, unchanged: 0, skipped: 0, failed: 0 }
  const made = createOutputCollector()
  let isRepeatable = seen !== undefined && manifest !== undefined
  return {
    add({ job, status, outputs, error, analysisErrors = [] }) {
      if (!isRepeatable || job.out !== out) return
      if (error !== undefined || analysisErrors.length > 0) isRepeatable = false
      sources.total++
      sources[status]++
      for (const output of outputs) {
        if (output.action === 'failed') isRepeatable = false
        else if (output.action === 'skipped') renditions.skipped++
        else {
          renditions.unchanged++
          // Lines of the file are outputs.
          if (output.path.includes('\n')) isRepeatable = false
          made.add(output)
        }
      }
    },
    async save(store, { ignored, sniffed }) {
      if (!isRepeatable || seen === undefined || manifest === undefined) return
      const file = await store.stat(manifest.ref).catch(() => undefined)
      if (file === undefined) return
      const files = { ignored: Object.fromEntries(ignored), ...(sniffed > 0 && { sniffed }) }
      const counts = { sources, renditions, ...files }
      await writeSnapshot(store, state, { seen, manifest: file, counts, outputs: made.finish() })
    },
  }
}
