import type { Store } from '../stores/types.js'
import { findSources, type FoundSources } from './find-sources.js'
import type { PlanBatch, PlanRequest } from './types.js'

/** A batch, and the files that its inputs match. */
export interface ListedBatch {
  readonly batch: PlanBatch
  /** Outputs of earlier runs are still among the sources. */
  readonly files: FoundSources
}

/**
 * Lists the files that the inputs of each batch match.
 *
 * @throws ImgprocError INVALID_USAGE if an input has no images; ABORTED.
 */
export async function listBatches(
  store: Store,
  {
    batches,
    out,
    otherOuts = [],
    outFile,
    allowEmpty,
    sniff,
    signal,
  }: Pick<PlanRequest, 'batches' | 'out' | 'otherOuts' | 'outFile' | 'allowEmpty' | 'sniff' | 'signal'>,
): Promise<ListedBatch[]> {
  // The folder of a single file is no output folder: its images are inputs like others.
  const outputs = outFile === undefined ? [out, ...otherOuts] : []
  const listed: ListedBatch[] = []
  for (const batch of batches) {
    const { inputs, ignore } = batch
    listed.push({
      batch,
      files: await findSources(store, { inputs, ignore, outputs, allowEmpty, sniff, signal }),
    })
  }
  return listed
}
