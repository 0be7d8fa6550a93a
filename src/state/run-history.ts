import type { ManifestEntry } from '../manifest/types.js'
import type { Job } from '../jobs/types.js'
import type { Models } from '../plan/needed-analyzers.js'
import type { SourceFingerprints } from './fingerprints.js'
import type { SizesOf } from './output-status.js'

/** The results of earlier runs in an output folder. */
export interface RunHistory {
  /** Returns a source's manifest entry by its id, with output paths relative to the output folder. */
  readonly entryOf: (id: string) => ManifestEntry | undefined
  readonly fingerprints: SourceFingerprints
  readonly sizesOf: SizesOf
  /** Reads the content of a source. */
  readonly read: (job: Job) => Promise<Uint8Array>
  /** Makes everything again. */
  readonly force: boolean
  /** Makes outputs again because other versions of sharp or libvips made them. */
  readonly outdated: boolean
  /** Names and versions of the models of analyzers. Findings of others are made again. @default any model */
  readonly models?: Models | undefined
  /** Returns the versions that decide which sources can be decoded. */
  readonly tool: () => string
}
