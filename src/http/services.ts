import type { Logger } from 'pino'
import type { Metrics } from './observe/metrics.js'
import type { Store } from '../stores/types.js'
import type { Admission } from './renditions/admission.js'
import type { ImageAnswers } from './renditions/answer-image.js'
import type { Renditions } from './renditions/make-rendition.js'
import type { ResolvedOptions } from './types.js'
import type { Uploads } from './uploads/types.js'

/** Everything that routes need, made once for a handler. */
export interface Services {
  readonly options: ResolvedOptions
  /** Reads sources, and reads and writes originals, records and results. */
  readonly store: Store
  /** Work in progress, for metrics. */
  readonly admission: Admission
  readonly images: ImageAnswers
  /** Finds and makes pictures. */
  readonly renditions: Renditions
  readonly uploads: Uploads
  readonly metrics: Metrics
  /** Undefined if nothing is logged. */
  readonly log: Logger | undefined
}
