import { sortOutputs } from './sort.js'
import type { ManifestEntry, ManifestHead } from './types.js'

// The order in which keys are written. Other keys follow, sorted.
const TOOL = ['name', 'version', 'sharp', 'libvips']
const ENTRY = ['id', 'source', 'status', 'reason', 'outputs', 'analysis', 'error']
const SOURCE = ['path', 'bytes', 'width', 'height', 'format', 'hash']
const ERROR = ['code', 'message', 'stage', 'retryable']
const MEASURES = [
  'format',
  'mime',
  'width',
  'height',
  'pages',
  'delay',
  'loop',
  'page',
  'sourcePages',
  'quality',
  'preview',
  'bytes',
  'hash',
]
const OUTPUT = ['preset', 'status', 'path', 'url', ...MEASURES, 'recipe', 'stale', 'error']

/** Formats the lines of a manifest before its entries. */
export function formatHead(head: ManifestHead): string {
  const lines = Object.entries(headInOrder(head)).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  )
  return ['{', ...lines].join('\n')
}

/** Returns the head with its keys in order. */
export function headInOrder({ $schema, version, tool, ...rest }: ManifestHead): object {
  const schema = $schema === undefined ? {} : { $schema }
  return { ...schema, version, tool: inOrder(tool, TOOL), ...inOrder(rest, []) }
}

/** Formats an entry as a line of JSON. */
export function formatEntry(entry: ManifestEntry): string {
  const outputs = sortOutputs(entry.outputs).map((output) => {
    return inOrder(
      output.status === 'ready' ? output : { ...output, error: inOrder(output.error, ERROR) },
      OUTPUT,
    )
  })
  const error = entry.error && { error: inOrder(entry.error, ERROR) }
  const analysis = entry.analysis && { analysis: inOrder(entry.analysis, []) }
  const source = inOrder(entry.source, SOURCE)
  return JSON.stringify(inOrder({ ...entry, source, outputs, ...analysis, ...error }, ENTRY))
}

/** Returns a copy with these keys first, and the others sorted behind them. */
function inOrder(object: object, keys: readonly string[]): Record<string, unknown> {
  const source: Record<string, unknown> = { ...object }
  const others = Object.keys(source).filter((key) => !keys.includes(key))
  const copy: Record<string, unknown> = {}
  for (const key of [...keys, ...others.toSorted()]) {
    if (Object.hasOwn(source, key)) copy[key] = source[key]
  }
  return copy
}
