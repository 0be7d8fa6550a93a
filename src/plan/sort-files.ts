import pLimit from 'p-limit'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { hasImageContent, hasImageName, hasNoExtension, SIGNATURE_BYTES } from '../image/file-kinds.js'
import { isRemote } from '../paths/location.js'
import type { Source, Store } from '../stores/types.js'

/** Files without an extension whose first bytes are read at once. */
const SNIFF_CONCURRENCY = 32

/** Files that may wait for that before listing pauses. */
const MAX_WAITING = 1024

export interface SortOptions {
  /** Files of other inputs whose names do not tell if they are images. @default none */
  readonly known?: ReadonlyMap<string, boolean> | undefined
  readonly add: (source: Source, isImage: boolean) => void
  /** Looks also into files with an extension that is no image's. @default false */
  readonly sniff?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Counts of sorted files. */
export interface FileCounts {
  readonly images: number
  readonly others: number
  /** Files with an image's extension. */
  readonly named: number
  /** Files whose first bytes were read. */
  readonly sniffed: number
}

/**
 * Sorts the files of a folder or glob into sources and others: by their extension, or by their first bytes if they have
 * none, or if `sniff` asks for that.
 */
export async function sortFiles(
  files: AsyncIterable<Source>,
  store: Store,
  { known, add, sniff = false, signal }: SortOptions,
): Promise<FileCounts> {
  const counts = { images: 0, others: 0, named: 0, sniffed: 0 }
  const sort = (source: Source, isImage: boolean) => {
    add(source, isImage)
    counts[isImage ? 'images' : 'others']++
  }
  const limit = pLimit(SNIFF_CONCURRENCY)
  let sniffing: Promise<void>[] = []
  for await (const source of files) {
    const { ref } = source
    const before = known?.get(ref)
    if (hasImageName(ref)) counts.named++
    // A file that another input has matched was read already.
    if (before !== undefined) sort(source, before)
    else if (!isLookedAt(ref, sniff)) sort(source, hasImageName(ref))
    else if (isEmpty(source)) sort(source, false)
    else {
      counts.sniffed++
      const sniffed = limit(async () => sort(source, await looksLikeImage(store, ref, signal)))
      // It may fail while listing goes on, before it is awaited.
      sniffed.catch(() => {})
      sniffing.push(sniffed)
    }
    if (sniffing.length < MAX_WAITING) continue
    await Promise.all(sniffing)
    sniffing = []
  }
  await Promise.all(sniffing)
  return counts
}

/** Returns true if the first bytes of a file decide: it has no extension, or one that is no image's and `sniff` is set. */
function isLookedAt(ref: string, sniff: boolean): boolean {
  return !hasImageName(ref) && (sniff || hasNoExtension(ref))
}

/** Returns true if a file counts as an image: by its extension, or by its first bytes if these decide. */
export async function isImage(
  source: Source,
  store: Store,
  { sniff = false, signal }: Pick<SortOptions, 'sniff' | 'signal'> = {},
): Promise<boolean> {
  const { ref } = source
  if (hasImageName(ref)) return true
  return isLookedAt(ref, sniff) && !isEmpty(source) && looksLikeImage(store, ref, signal)
}

/** Other stores than the disk may not know the size. */
function isEmpty({ ref, size }: Source): boolean {
  return size === 0 && !isRemote(ref)
}

/** Returns true if a file begins like an image. */
export async function looksLikeImage(store: Store, ref: string, signal?: AbortSignal): Promise<boolean> {
  const range = [0, SIGNATURE_BYTES] as const
  const head = await store.read(ref, { range, signal }).catch((error: unknown) => {
    throwIfAborted(signal)
    // A damaged connection must not look like a file that is no image.
    if (error instanceof ImgprocError && error.retryable && isRemote(ref)) throw error
    return new Uint8Array()
  })
  return hasImageContent(head)
}
