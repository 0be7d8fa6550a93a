import { createRequire } from 'node:module'
import type * as ThumbhashModule from 'thumbhash'
import { ImgprocError } from '../../errors.js'
import type { ManifestEntry } from '../../manifest/types.js'
import { writePng } from '../../metadata/png/writer.js'
import { asRecord } from '../../utils/parse-json.js'
import type { PictureSettings, Placeholder } from './types.js'

const requireHere = createRequire(import.meta.url)
/** Loads the package at the first use, since most pictures have no placeholder. */
const loadThumbhash = () => requireHere('thumbhash') as typeof ThumbhashModule // what the package exports

type Kind = NonNullable<PictureSettings['placeholder']>

/** Bytes before the frequencies of a ThumbHash. */
const MIN_BYTES = 5
/** Opacity that counts as opaque, since it is stored in steps of 1/15. */
const OPAQUE = 0.99

/**
 * Returns the background that is shown until a picture is there; undefined for a picture with transparency.
 *
 * @throws INVALID_USAGE if the source has no such analysis.
 */
export function createPlaceholder(entry: ManifestEntry, kind: Kind): Placeholder | undefined {
  const hash = readThumbhash(entry)
  const average = hash && loadThumbhash().thumbHashToAverageRGBA(hash)
  if (average !== undefined && average.a < OPAQUE) return undefined
  if (kind === 'palette') {
    const color = readDominant(entry)
    return { color, background: color }
  }
  if (hash === undefined || average === undefined) throw createMissingError(entry, kind)
  const color = toHex([average.r, average.g, average.b].map((share) => share * 255))
  const dataUrl = `data:image/png;base64,${drawHalf(hash).toString('base64')}`
  return { color, dataUrl, background: `url(${dataUrl}) center / cover no-repeat` }
}

/** Draws a ThumbHash at half of its usual 32 pixels. It holds at most 7 frequencies a side, for which 16 are enough. */
function drawHalf(hash: Uint8Array): Buffer {
  const { w, h, rgba } = loadThumbhash().thumbHashToRGBA(hash)
  const [width, height] = [w, h].map((side) => Math.ceil(side / 2)) as [number, number] // two each
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const [x, y, channel] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width), index % 3]
    const near = [0, 1].flatMap((dy) =>
      [0, 1].map(
        (dx) => rgba[(Math.min(2 * y + dy, h - 1) * w + Math.min(2 * x + dx, w - 1)) * 4 + channel] ?? 0,
      ),
    )
    return Math.round(near.reduce((sum, value) => sum + value, 0) / near.length)
  })
  return writePng(width, height, rgb)
}

function readThumbhash({ analysis }: ManifestEntry): Uint8Array | undefined {
  const found: unknown = analysis?.thumbhash
  if (typeof found !== 'string') return undefined
  const bytes = Buffer.from(found, 'base64')
  return bytes.length < MIN_BYTES ? undefined : bytes
}

function readDominant(entry: ManifestEntry): string {
  const { dominant } = asRecord(entry.analysis?.palette)
  if (typeof dominant === 'string' && /^#[\da-f]{6}$/i.test(dominant)) return dominant
  throw createMissingError(entry, 'palette')
}

function toHex(values: readonly number[]): string {
  return `#${values.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`
}

function createMissingError({ source }: ManifestEntry, kind: Kind): ImgprocError {
  const message = `The manifest has no ${kind} of ${source.path}. Run again with --analyze ${kind} (analyze: ['${kind}']), or leave the placeholder out.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: source.path })
}
