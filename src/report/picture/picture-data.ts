import { ImgprocError } from '../../errors.js'
import { urlOf } from '../../jobs/job-status.js'
import type { Manifest, ManifestEntry, ReadyOutput } from '../../manifest/types.js'
import { findEntry, findOutputs, type OutputSet } from './find-outputs.js'
import { createPlaceholder } from './placeholder.js'
import type { PictureData, PictureImage, PictureOptions, PictureSource } from './types.js'

const DEFAULT_SIZES = '100vw'

/**
 * Returns a `<picture>` as data, for templates and components that make the elements themselves. Its keys are the
 * attributes of HTML.
 *
 * @param path the source's path, as in the manifest.
 * @throws ImgprocError INVALID_USAGE without `alt`, unless the picture is declared decorative; if the source has no output
 * that browsers show, or outputs of several presets and none is named; or for a placeholder that was not analysed.
 * INPUT_NOT_FOUND for a source that is not in the manifest.
 *
 * @example
 * ```ts
 * import { pictureData, readManifest } from 'imgproc'
 * const manifest = await readManifest('public/img/manifest.json')
 * const { sources, img } = pictureData(manifest, 'photos/landscape.jpg', { alt: 'A house in the hills' })
 * console.log(sources.map(({ type }) => type).join(), img.width, img.height)
 * ```
 */
export function pictureData(manifest: Manifest, path: string, options: PictureOptions): PictureData {
  const alt = options.altFrom === undefined ? checkAlt(path, options) : undefined
  const entry = findEntry(manifest, path)
  const { preset, sizes, art = [], placeholder } = options
  const urls = (output: ReadyOutput) => safeUrl(toUrl(output, options.baseUrl))
  const sets = findOutputs(
    entry,
    preset,
    art.map((one) => one.preset),
  )
  const directed = art.flatMap((one) => {
    const media = checkMedia(one.media)
    return findOutputs(entry, one.preset).map((set) => ({
      media,
      ...toSource(set, urls, one.sizes ?? sizes),
    }))
  })
  const fallback = sets.at(-1) ?? sets[0]
  const background = placeholder === undefined ? undefined : createPlaceholder(entry, placeholder)
  return {
    sources: [...directed, ...sets.slice(0, -1).map((set) => toSource(set, urls, sizes))],
    img: toImage(fallback, urls, alt ?? readAlt(entry, options), options),
    ...(background !== undefined && { placeholder: background }),
  }
}

/** Returns the paths of all sources that have outputs. */
export function sourcesWithOutputs({ entries }: Manifest): readonly string[] {
  const hasOutput = ({ outputs }: ManifestEntry) => outputs.some(({ status }) => status === 'ready')
  return entries.filter(hasOutput).map(({ source }) => source.path)
}

type ToUrl = (output: ReadyOutput) => string

function toSource(set: OutputSet, urls: ToUrl, sizes = DEFAULT_SIZES): PictureSource {
  const { mime, width, height } = largestOf(set)
  return { type: mime, ...toSrcset(set, urls, sizes), width, height }
}

function toImage(set: OutputSet, urls: ToUrl, alt: string, options: PictureOptions): PictureImage {
  const { sizes = DEFAULT_SIZES, fetchPriority, decoding = 'async', class: names } = options
  const largest = largestOf(set)
  const { width, height } = largest
  return {
    src: urls(largest),
    ...(set.length > 1 && toSrcset(set, urls, sizes)),
    width,
    height,
    alt,
    // A picture that is to come first must not wait until it is scrolled near.
    loading: options.loading ?? (fetchPriority === 'high' ? 'eager' : 'lazy'),
    decoding,
    ...(fetchPriority !== undefined && { fetchpriority: fetchPriority }),
    ...(names !== undefined && { class: names }),
  }
}

function toSrcset(set: OutputSet, urls: ToUrl, sizes: string): Pick<PictureSource, 'srcset' | 'sizes'> {
  // One candidate needs no width, and then no sizes.
  if (set.length === 1) return { srcset: urls(set[0]) }
  return { srcset: set.map((output) => `${urls(output)} ${output.width}w`).join(', '), sizes }
}

function largestOf(set: OutputSet): ReadyOutput {
  return set.at(-1) ?? set[0]
}

function toUrl(output: ReadyOutput, baseUrl: string | undefined): string {
  // Half of a surrogate pair has no encoding.
  const path = output.path.replaceAll(/\p{Surrogate}/gu, '\uFFFD')
  return baseUrl === undefined ? (output.url ?? urlOf(path, '')) : urlOf(path, baseUrl)
}

/** Encodes spaces, and commas at the ends: in a srcset they would end the URL. */
function safeUrl(url: string): string {
  return url.replaceAll(/\s|^,+|,+$/g, (text) => text.split('').map(toPercent).join(''))
}

function toPercent(character: string): string {
  return encodeURIComponent(character)
}

function checkAlt(path: string, { alt, decorative }: Pick<PictureOptions, 'alt' | 'decorative'>): string {
  const hasText = typeof alt === 'string' && alt.trim() !== ''
  if (decorative === true && !hasText) return ''
  if (hasText && decorative !== true) return alt
  const message = hasText
    ? `${path} has a text alternative and is declared decorative. Remove one: alt or decorative.`
    : `${path} needs a text alternative: alt: 'text that takes the place of the picture' (--alt), or decorative: true (--decorative) if it only decorates.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path })
}

/** Returns the text of the analysis. Throws INVALID_USAGE if the source has none, or another text is given. */
function readAlt({ source: { path }, analysis }: ManifestEntry, { alt, decorative }: PictureOptions): string {
  const fail = (reason: string) =>
    new ImgprocError('INVALID_USAGE', `${path} ${reason}`, { stage: 'usage', path })
  if (alt !== undefined || decorative === true)
    throw fail('has two text alternatives. Keep one of alt, altFrom and decorative.')
  const caption = analysis?.caption
  if (caption === undefined)
    throw fail(
      'has no analysis "caption", which the text alternative comes from. Run with --analyze caption.',
    )
  if (caption.altText === undefined)
    throw fail(
      'has no alternative text in its metadata. Give one (--alt), or write it into the file (XMP Iptc4xmpCore:AltTextAccessibility).',
    )
  return caption.altText
}

function checkMedia(media: string): string {
  if (media.trim() !== '') return media
  const message = 'Art direction needs a media query, such as (max-width: 600px).'
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
