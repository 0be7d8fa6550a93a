import type { Job, Result } from '../jobs/types.js'
import type { RunHistory } from '../state/up-to-date.js'
import type { Plan } from '../plan/types.js'
import type { SourceIndex } from '../state/source-index.js'
import type { ManifestFile } from '../manifest/manifest-file.js'

/** What goes into one output folder. */
export interface OutputFolder extends FolderState {
  /** Jobs of only that which is to be made. */
  readonly plan: Plan
  readonly memory: RunHistory | undefined
  /** Of jobs that have nothing to make. */
  readonly settled: readonly Result[]
  /** Of which neither manifest nor memory learn anything new. */
  readonly known: ReadonlySet<Job>
}

/** An output folder and the manifest that tells of it, unless none is wanted. */
export interface FolderState {
  readonly out: string
  /** Where the tool keeps what is only its own. */
  readonly state: string
  readonly manifest: ManifestFile | undefined
  /** What the last run knew of the sources. */
  readonly seen: SourceIndex
  /** Results of a run that was killed before it could write them into the manifest; they are in `manifest` here. */
  readonly left: readonly Result[]
  /** Where these stand; undefined where no journal can be kept. */
  readonly journal: readonly string[] | undefined
}
