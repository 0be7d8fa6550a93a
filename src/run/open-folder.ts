import { readJournal } from '../state/journal.js'
import { readManifestFile } from '../manifest/manifest-file.js'
import { isPipe, isRemote, resolveLocation, relativeLocation } from '../paths/location.js'
import { parseShard, toShardFile } from '../plan/shard.js'
import { stateFolder } from '../state/state-folder.js'
import { readSourceIndex, type SourceIndex } from '../state/source-index.js'
import type { Store } from '../stores/types.js'
import { isDataUrl, isHttpUrl, withoutSecrets } from '../paths/url.js'
import { ImgprocError } from '../errors.js'
import { recover } from './manifests.js'
import type { FolderState } from './types.js'
import type { RunOptions } from './options.js'

/** Sees to it that outputs can go to a place, as far as looking tells, and reads what is known of it. */
export async function openFolder(
  store: Store,
  cwd: string,
  out: string,
  { manifest, shard: part }: RunOptions,
): Promise<FolderState> {
  if (isHttpUrl(out) || isDataUrl(out)) {
    const message = `Nothing can be written to ${withoutSecrets(out).slice(0, 80)}. Choose a folder or s3:// for --out.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan' })
  }
  // A bucket may have a key of the same name; a disk may not.
  if (!isRemote(out) && (await store.stat(out)) !== undefined) {
    const message = `${relativeLocation(out, cwd)} is a file, but outputs need a folder. Choose another --out.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: out })
  }
  // Of what goes to stdout nothing is kept unless a file is named.
  const isKept = manifest !== false && !(isPipe(out) && manifest === undefined)
  const whole =
    manifest === undefined || manifest === false ? `${out}/manifest.json` : resolveLocation(manifest, cwd)
  const shard = part === undefined ? undefined : parseShard(part)
  const ref = shard === undefined ? whole : toShardFile(whole, shard)
  const state = stateFolder(out, shard)
  const hasState = isKept && !isPipe(out)
  // All at once: over a network each question takes its time.
  const place = isRemote(out) && !isPipe(out) ? findProblem(store, out) : undefined
  const last = hasState ? readSourceIndex(store, state) : Promise.resolve<SourceIndex>({ sources: new Map() })
  const journal = hasState ? readJournal(store, state, out) : { results: [], refs: undefined }
  // Where the manifest can't be read either, its error is the one that is told.
  last.catch(() => {})
  const file = isKept ? await readManifestFile(store, ref, async () => (await last).manifest) : undefined
  const problem = await place
  // Where a manifest is, images may go too, whatever a look at the folder says.
  if (problem !== undefined && file?.manifest === undefined) throw problem
  return recover({ out, state, manifest: file, seen: await last }, await journal)
}

/** What is known beforehand to keep outputs from a place: a bucket that is missing, a name misspelt. */
async function findProblem(store: Store, out: string): Promise<ImgprocError | undefined> {
  try {
    await store.locate(out)
    return undefined
  } catch (error) {
    // Who may not look may still be allowed to write; what else there is will be told by the manifest's request.
    if (!(error instanceof ImgprocError)) return undefined
    const { code, message, path, cause } = error
    if (code === 'INVALID_USAGE') return error
    if (code !== 'INPUT_NOT_FOUND') return undefined
    return new ImgprocError('WRITE_FAILED', message, { stage: 'plan', path, retryable: false, cause })
  }
}
