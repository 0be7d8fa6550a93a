import { readJournal } from '../state/journal.js'
import { readManifestFile } from '../manifest/manifest-file.js'
import { BUCKET_URLS, isPipe, isRemote, relativeLocation } from '../paths/location.js'
import { toShardFile } from '../plan/shard.js'
import { stateFolder } from '../state/state-folder.js'
import { readSourceIndex, type SourceIndex } from '../state/source-index.js'
import type { Store } from '../stores/types.js'
import { isDataUrl, isHttpUrl, withoutSecrets } from '../paths/url.js'
import { ImgprocError } from '../errors.js'
import { recover } from './manifests.js'
import type { FolderState, ResolvedRun } from './types.js'

/**
 * Checks that an output folder can be written to, as far as a look can tell, and reads its manifest, source index and
 * journal.
 *
 * @throws ImgprocError INVALID_USAGE if it is a file or read only by nature; WRITE_FAILED if its bucket does not exist.
 */
export async function openFolder(
  store: Store,
  out: string,
  { cwd, manifest, shard }: ResolvedRun,
): Promise<FolderState> {
  if (isHttpUrl(out) || isDataUrl(out)) {
    const message = `${withoutSecrets(out).slice(0, 80)} cannot be written to. Choose a folder, ${BUCKET_URLS} for --out.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan' })
  }
  // A bucket may have a key of the same name; a disk may not.
  if (!isRemote(out) && (await store.stat(out)) !== undefined) {
    const message = `${relativeLocation(out, cwd)} is a file, but outputs need a folder. Choose another out (--out).`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: out })
  }
  // Outputs to stdout have no manifest unless a file is named.
  const isKept = manifest !== false && !(isPipe(out) && manifest === undefined)
  const ref = manifestRef(out, { manifest, shard })
  const state = stateFolder(out, shard)
  const hasState = isKept && !isPipe(out)
  // All at once, since each request over a network takes its time.
  const problem = isRemote(out) && !isPipe(out) ? findProblem(store, out) : undefined
  const index = hasState
    ? readSourceIndex(store, state)
    : Promise.resolve<SourceIndex>({ sources: new Map() })
  const journal = hasState ? readJournal(store, state, out) : { results: [], refs: undefined }
  // If the manifest cannot be read either, its error is the one to report.
  index.catch(() => {})
  const file = isKept ? await readManifestFile(store, ref, async () => (await index).manifest) : undefined
  const found = await problem
  // A folder that holds a manifest was written to before, whatever a look at it says.
  if (found !== undefined && file?.manifest === undefined) throw found
  return recover({ out, state, manifest: file, sourceIndex: await index }, await journal)
}

/** Returns the file of an output folder's manifest. */
export function manifestRef(
  out: string,
  { manifest, shard }: Pick<ResolvedRun, 'manifest' | 'shard'>,
): string {
  const whole = manifest === undefined || manifest === false ? `${out}/manifest.json` : manifest
  return shard === undefined ? whole : toShardFile(whole, shard)
}

/** Returns the error that writing would end with: a missing bucket or a misspelt name; undefined if none is known. */
async function findProblem(store: Store, out: string): Promise<ImgprocError | undefined> {
  try {
    await store.locate(out)
    return undefined
  } catch (error) {
    // A caller without permission to look may have permission to write. The manifest's request tells the rest.
    if (!(error instanceof ImgprocError)) return undefined
    const { code, message, path, cause } = error
    if (code === 'INVALID_USAGE') return error
    if (code !== 'INPUT_NOT_FOUND') return undefined
    return new ImgprocError('WRITE_FAILED', message, { stage: 'plan', path, retryable: false, cause })
  }
}
