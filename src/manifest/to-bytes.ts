import { merge, type Parts } from './lazy-manifest.js'
import { lineText, type Layout } from './line-index.js'
import { formatEntry, formatHead, headInOrder } from './serialize.js'

const SEPARATORS: Readonly<Record<Layout, { readonly before: string; readonly between: string }>> = {
  json: { before: '\n    ', between: ',\n    ' },
  ndjson: { before: '\n', between: '\n' },
}

/** Characters that are encoded together. */
const CHUNK_SIZE = 1 << 18

/** Returns a manifest's bytes. */
export function toBytes(manifest: Parts, layout: Layout): Buffer {
  return Buffer.concat([...toParts(manifest, layout)])
}

/**
 * Yields a manifest's bytes in parts. The same content gives the same bytes, in whatever order the changes are. Lines that do
 * not change are written as they were read.
 */
export function* toParts(manifest: Parts, layout: Layout): Generator<Buffer> {
  const { head, lines } = manifest
  const { before, between } = SEPARATORS[layout]
  let text = layout === 'json' ? `${formatHead(head)}\n  "entries": [` : JSON.stringify(headInOrder(head))
  let count = 0
  for (const piece of merge(manifest)) {
    text += count++ === 0 ? before : between
    if (typeof piece !== 'number') text += formatEntry(piece)
    else if (lines !== undefined) text += lineText(lines, piece)
    if (text.length < CHUNK_SIZE) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}${layout === 'ndjson' ? '\n' : count === 0 ? ']\n}\n' : '\n  ]\n}\n'}`)
}
