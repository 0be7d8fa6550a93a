import { kindOf } from '../image/file-kinds.js'
import type { Source } from '../stores/types.js'
import { createSortedSpool } from '../utils/spool/sorted-spool.js'

/** A source, and the input that matched it first. */
export interface FoundSource {
  readonly source: Source
  /** The folder that its `{dir}` is relative to: that of its input, so that another input moves no output. */
  readonly base: string
}

/** Sources without duplicates, sorted by ref in UTF-16 code units. They may be more than fit into memory. */
export interface SourceList extends Iterable<FoundSource> {
  readonly length: number
}

/** A file that an input matched. */
interface Match {
  readonly source: Source
  /** Index of the input. */
  readonly input: number
  readonly isImage: boolean
}

/** Collects the files that inputs match. */
export interface SourceCollector {
  readonly add: (match: Match) => void
  /** Returns the sources, and counts of files that are not images, by extension. Nothing is added after that. */
  readonly finish: () => { readonly sources: SourceList; readonly ignored: ReadonlyMap<string, number> }
}

type EncodedMatch = readonly [source: Source, input: number, isImage: 0 | 1]

const codec = {
  encode: ({ source, input, isImage }: Match) =>
    JSON.stringify([source, input, isImage ? 1 : 0] satisfies EncodedMatch),
  decode: (text: string): Match => {
    const [source, input, isImage] = JSON.parse(text) as EncodedMatch // by `encode`
    return { source, input, isImage: isImage === 1 }
  },
}

/**
 * Creates a collector. A file that one input takes for an image is one, whatever others take it for.
 *
 * @param bases the base of each input.
 */
export function createSourceCollector(bases: readonly string[]): SourceCollector {
  const matches = createSortedSpool(codec, ({ source: a }, { source: b }) => compare(a.ref, b.ref))
  return {
    add: matches.add,
    finish() {
      const ignored = new Map<string, number>()
      const count = ({ source: { ref } }: DistinctFile) =>
        ignored.set(kindOf(ref), (ignored.get(kindOf(ref)) ?? 0) + 1)
      if (matches.isPlain()) return { sources: [...toSources(distinct(matches), bases, count)], ignored }
      let length = 0
      for (const _ of toSources(distinct(matches), bases, count)) length++
      const list = () => toSources(distinct(matches), bases)
      return { sources: { length, [Symbol.iterator]: list }, ignored }
    },
  }
}

/** A file, and the first input that takes it for an image; undefined if none does. */
interface DistinctFile {
  readonly source: Source
  readonly input: number | undefined
}

/** Yields the sources among files. */
function* toSources(
  files: Iterable<DistinctFile>,
  bases: readonly string[],
  onOther?: (file: DistinctFile) => void,
): Generator<FoundSource> {
  for (const file of files) {
    if (file.input === undefined) onOther?.(file)
    else yield { source: file.source, base: bases[file.input] ?? '' }
  }
}

function* distinct(matches: Iterable<Match>): Generator<DistinctFile> {
  let file: DistinctFile | undefined
  for (const { source, input, isImage } of matches) {
    const isSame = file?.source.ref === source.ref
    if (file !== undefined && !isSame) yield file
    // The last listing is the newest.
    file = { source, input: (isSame ? file?.input : undefined) ?? (isImage ? input : undefined) }
  }
  if (file !== undefined) yield file
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
