import { hasImageName, hasNoExtension } from '../image/file-kinds.js'
import { isRemote } from '../paths/location.js'
import type { Location, Source, Store } from '../stores/types.js'
import { sortFiles, type FileCounts, type SortOptions } from './sort-files.js'

/** A folder, glob or prefix whose files are sorted. */
export interface SniffedInput {
  readonly location: Location
  /** Lists its files, from the beginning at each call. */
  readonly list: () => AsyncIterable<Source>
  /** Looks into files with another extension than an image's. @default for prefixes of buckets without any image's extension */
  readonly sniff: boolean | undefined
}

/**
 * Sorts the files of an input into sources and others. A prefix of a bucket without any image's extension is listed again, and all its
 * files are looked at: uploads often have keys such as `a1b2.upload`. Nothing is held for that while a long listing goes on.
 */
export async function sniffFiles(
  store: Store,
  { location, list, sniff }: SniffedInput,
  options: SortOptions,
): Promise<FileCounts> {
  const counts = await sortFiles(list(), store, { ...options, sniff: sniff === true })
  const isPrefix = location.kind === 'folder' && isRemote(location.ref)
  if (sniff !== undefined || !isPrefix || counts.named > 0 || counts.others === 0) return counts
  // Sources that are found here count as such, although they were taken for other files before.
  const again = await sortFiles(onlyForeign(list()), store, { ...options, known: undefined, sniff: true })
  return {
    images: counts.images + again.images,
    others: counts.others - again.images,
    named: 0,
    sniffed: counts.sniffed + again.sniffed,
  }
}

/** Leaves out files without an extension, which were looked at already. */
async function* onlyForeign(files: AsyncIterable<Source>): AsyncGenerator<Source> {
  for await (const source of files) if (!hasNoExtension(source.ref) && !hasImageName(source.ref)) yield source
}
