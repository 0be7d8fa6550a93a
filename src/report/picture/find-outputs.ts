import { ImgprocError } from '../../errors.js'
import type { Manifest, ManifestEntry, ReadyOutput } from '../../manifest/types.js'
import { didYouMean } from '../../utils/did-you-mean.js'

/** Formats that browsers show, in the order of preference. */
const MODERN = ['image/jxl', 'image/avif', 'image/webp']
const UNIVERSAL: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif'])

/** Outputs of one format, the narrowest first. */
export type OutputSet = readonly [ReadyOutput, ...ReadyOutput[]]

const indexes = new WeakMap<Manifest, ReadonlyMap<string, ManifestEntry>>()

/** Returns the entry of a source. Throws INPUT_NOT_FOUND. */
export function findEntry(manifest: Manifest, path: string): ManifestEntry {
  const known = indexes.get(manifest)
  const index = known ?? new Map(manifest.entries.map((entry) => [entry.source.path, entry]))
  if (known === undefined) indexes.set(manifest, index)
  const entry = index.get(path.replace(/^\.\//, ''))
  if (entry !== undefined) return entry
  const hint = didYouMean(path, [...index.keys()]) || ' Name a source as the manifest does, in source.path.'
  const message = `The manifest has no source "${path}".${hint}`
  throw new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read', path })
}

/**
 * Returns the outputs of a preset by format, in the order in which browsers should choose: JPEG XL, AVIF, WebP, and one format that
 * all browsers show. If one output is animated, stills are left out.
 *
 * @param preset undefined for the only one.
 * @param others presets that are used elsewhere, and so are not meant.
 * @throws INVALID_USAGE if there are none, or several presets.
 */
export function findOutputs(
  entry: ManifestEntry,
  preset: string | undefined,
  others: readonly string[] = [],
): readonly [OutputSet, ...OutputSet[]] {
  const outputs = entry.outputs
    .filter((output) => output.status === 'ready')
    .filter(({ mime }) => MODERN.includes(mime) || UNIVERSAL.has(mime))
  const names = [...new Set(outputs.map((output) => output.preset))].filter((name) => !others.includes(name))
  const name = preset ?? names[0]
  if (preset === undefined && names.length > 1) throw createAmbiguousError(entry, names)
  const own = outputs.filter((output) => output.preset === name)
  const isMoving = own.some(({ pages = 1 }) => pages > 1)
  const [first, ...sets] = toSets(isMoving ? own.filter(({ pages = 1 }) => pages > 1) : own)
  if (first === undefined) throw createMissingError(entry, name, names)
  return [first, ...sets]
}

function toSets(outputs: readonly ReadyOutput[]): OutputSet[] {
  const modern = MODERN.flatMap((mime) => toSet(outputs.filter((output) => output.mime === mime)))
  const universal = [...UNIVERSAL].flatMap((mime) => toSet(outputs.filter((output) => output.mime === mime)))
  // Every browser takes the first of these that it gets, so only the smallest is of use.
  const [smallest] = universal.toSorted((a, b) => a.at(-1)!.bytes - b.at(-1)!.bytes)
  return [...modern, ...(smallest === undefined ? [] : [smallest])]
}

/** Returns the outputs in the order of their widths, one of each width; nothing for none. */
function toSet(outputs: readonly ReadyOutput[]): [OutputSet] | [] {
  const byWidth = new Map(outputs.map((output) => [output.width, output]))
  const [first, ...rest] = [...byWidth.values()].toSorted((a, b) => a.width - b.width)
  return first === undefined ? [] : [[first, ...rest]]
}

function createAmbiguousError({ source }: ManifestEntry, names: readonly string[]): ImgprocError {
  const message = `${source.path} has outputs of the presets ${names.join(', ')}. Name one: preset: '${names[0]}' (--preset ${names[0]}).`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: source.path })
}

function createMissingError(
  { source, outputs, error, reason }: ManifestEntry,
  preset: string | undefined,
  names: readonly string[],
): ImgprocError {
  const failed = outputs
    .filter((output) => output.status === 'failed')
    .find((output) => preset === undefined || output.preset === preset)
  const failure = failed?.error ?? error
  const why =
    failure === undefined
      ? (reason ?? (names.length === 0 ? 'The run made none.' : `There are outputs of ${names.join(', ')}.`))
      : `${failure.code}: ${failure.message}`
  const of = preset === undefined ? '' : ` of the preset "${preset}"`
  const message = `${source.path} has no output${of} that browsers show. ${why}`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: source.path })
}
