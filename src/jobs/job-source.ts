import type { Buffers } from '../image/buffer-pool.js'
import type { OpenImage, OpenOptions } from '../image/open-image.js'
import { asksForHash } from '../paths/template.js'
import { openSource, wantsPreview } from '../render/preview/open-source.js'
import { pictureAfter } from '../render/render-rendition.js'
import type { Store } from '../stores/types.js'
import { sha256 } from '../utils/sha256.js'
import { skipReason } from './skip-rules.js'
import type { Job, Rendition, SourceFacts } from './types.js'

/** A job's source while the job runs. */
export interface JobSource {
  /** Reads and opens the source. Throws the store's errors and those of `openImage`. */
  readonly open: () => Promise<OpenImage>
  /** Returns the facts known so far, even if opening failed; undefined if nothing was read. */
  readonly facts: () => SourceFacts | undefined
  /** Frees the memory of the opened image, and returns its buffer to the pool. */
  readonly release: () => void
}

/** Creates the source of a job. Memory for the file comes from `buffers`, if given. */
export function createJobSource(
  job: Job,
  input: Store,
  options: OpenOptions,
  buffers: Buffers | undefined,
): JobSource {
  const { source, limits, analyze } = job
  const { signal } = options
  const allocate = buffers?.take
  let bytes: Uint8Array | undefined
  let facts: SourceFacts | undefined
  let image: OpenImage | undefined
  const reader = {
    readHead: (to: number) => input.read(source.ref, { range: [0, to], signal, allocate }),
    readWhole: async () => {
      bytes = await input.read(source.ref, { maxBytes: limits.bytes, signal, allocate })
      facts = { bytes: bytes.length, hash: contentHash(bytes) }
      return bytes
    },
    discard: buffers?.give,
  }
  return {
    open: async () => {
      image = await openSource(reader, options, mayUseHead(job) ? findWanted(job) : undefined)
      // Without a read of the whole, the image has the bytes of the head.
      bytes ??= image.bytes
      facts = toFacts(image, facts ?? { bytes: source.size })
      return image
    },
    facts: () => facts,
    release: () => {
      image?.release?.()
      // A custom analyzer may keep a reference to the bytes.
      if (bytes !== undefined && analyze.length === 0) buffers?.give(bytes)
    },
  }
}

/** Returns true if the whole job can be done from the head of the file, as far as the job tells. */
function mayUseHead({ source, renditions, analyze, limits }: Job): boolean {
  if (renditions.length === 0 || analyze.length > 0) return false
  // The store may not know the size. Then it can be neither reported nor checked against the limit.
  if (source.size === 0 || source.size > limits.bytes) return false
  // A hash in the path needs the whole content.
  return renditions.every(({ ops, target }) => wantsPreview(ops) && !asksForHash(target))
}

/** Returns the operations of the renditions that are not skipped. */
function findWanted({ renditions }: Job) {
  return (image: OpenImage) => {
    const isWanted = (rendition: Rendition) =>
      skipReason(rendition, (ops) => pictureAfter(image, ops)) === undefined
    return renditions.filter(isWanted).map(({ ops }) => ops)
  }
}

/** Returns facts without a spread: V8 stores them in half the memory, and a run keeps those of all sources. */
function toFacts({ metadata, format }: OpenImage, { bytes, hash }: SourceFacts): SourceFacts {
  const { width, height: fullHeight } = metadata.autoOrient
  const height = metadata.pageHeight ?? fullHeight
  return hash === undefined ? { bytes, width, height, format } : { bytes, hash, width, height, format }
}

/** Returns the hash of bytes, as manifests have it. */
export function contentHash(bytes: Uint8Array): string {
  return `sha256:${sha256(bytes)}`
}
