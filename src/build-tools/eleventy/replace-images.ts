import { escapeHtml } from '../../report/picture/markup.js'
import type { PictureAlt, PictureData } from '../../report/picture/types.js'
import { toImgprocError, ImgprocError } from '../../errors.js'
import type { EleventyPage, HtmlElement, HtmlNode } from './host-types.js'
import type { PageImages } from './page-images.js'
import type { EleventyPictureSettings } from './types.js'

type Attributes = NonNullable<HtmlElement['attrs']>

/** Settings of pictures that a page may give as attributes. */
const SETTINGS = ['sizes', 'loading', 'decoding', 'class'] as const

/** The `<img>` elements of a page that are replaced. */
export interface Replacement {
  readonly images: PageImages
  readonly page: EleventyPage
  /** Preset of those that name none. */
  readonly preset: string | undefined
  readonly settings: EleventyPictureSettings
}

/** Replaces each `<img>` that names a preset, or has the default one, by a `<picture>`. All are made together. */
export async function replaceImages(tree: HtmlNode[], replacement: Replacement): Promise<void> {
  const found = [...findImages(tree, false)]
  await Promise.all(found.map((image) => replaceImage(image, replacement)))
}

interface FoundImage {
  readonly node: HtmlElement
  readonly inPicture: boolean
}

function* findImages(nodes: readonly HtmlNode[], inPicture: boolean): Generator<FoundImage> {
  for (const node of nodes) {
    if (typeof node !== 'object') continue
    if (node.tag === 'img') yield { node, inPicture }
    else if (Array.isArray(node.content)) yield* findImages(node.content, inPicture || node.tag === 'picture')
  }
}

async function replaceImage(
  { node, inPicture }: FoundImage,
  { images, page, preset: usual, settings }: Replacement,
): Promise<void> {
  const { src = '', 'data-preset': named, ...attributes } = node.attrs ?? {}
  // A picture that somebody has written already, such as by the shortcode, stays as it is.
  const preset = named === undefined ? (inPicture ? undefined : usual) : String(named)
  const source = decodeSource(String(src))
  const isWanted = preset !== undefined && preset !== '' && !images.isOutput(String(src))
  if (isWanted && named === undefined && !isLocal(source)) return
  if (!isWanted) {
    // An empty preset excepts an <img> from the default.
    if (named !== undefined) node.attrs = { src, ...attributes }
    return
  }
  const own = Object.fromEntries(
    SETTINGS.flatMap((name) => (name in attributes ? [[name, decode(String(attributes[name]))]] : [])),
  )
  const fetchPriority = attributes.fetchpriority as EleventyPictureSettings['fetchPriority']
  const options = {
    ...settings,
    ...own,
    ...(fetchPriority !== undefined && { fetchPriority }),
    ...toAlt(attributes.alt),
  }
  try {
    const data = await images.take({ source, preset, page, options })
    putPicture(node, data, attributes, inPicture)
  } catch (error) {
    const { code, message, path } = toImgprocError(error)
    const text = `${message}\n  <img src="${source}"> of ${page.inputPath ?? 'a page'} (${code})`
    throw new ImgprocError(code, text, { path, cause: error })
  }
}

/** Turns the `<img>` into a `<picture>`. Attributes that the page has written win. */
function putPicture(
  node: HtmlElement,
  { sources, img, placeholder }: PictureData,
  attributes: Attributes,
  inPicture: boolean,
): void {
  const { width, height, srcset: _, ...others } = attributes
  const hasSize = width !== undefined || height !== undefined
  const background = placeholder && `background: ${placeholder.background}`
  const style = [background, attributes.style].filter((part) => part !== undefined && part !== '')
  const image: HtmlElement = {
    tag: 'img',
    attrs: {
      ...escapeAll({ ...img, ...(hasSize && { width: undefined, height: undefined }) }),
      ...others,
      ...(width !== undefined && { width }),
      ...(height !== undefined && { height }),
      ...(style.length > 0 && { style: style.join('; ') }),
    },
  }
  const content = [...sources.map((source) => ({ tag: 'source', attrs: escapeAll({ ...source }) })), image]
  delete node.attrs
  // Without a tag, PostHTML writes the content alone.
  node.tag = inPicture ? false : 'picture'
  node.content = content
}

function escapeAll(attributes: Readonly<Record<string, string | number | undefined>>): Attributes {
  const given = Object.entries(attributes).flatMap(([name, value]) =>
    // PostHTML escapes quotes itself.
    value === undefined ? [] : [[name, escapeHtml(String(value)).replaceAll('&quot;', '"')] as const],
  )
  return Object.fromEntries(given)
}

/** An empty text declares a decoration in HTML. pictureData complains about a missing one. */
function toAlt(alt: Attributes[string] | undefined): PictureAlt {
  // PostHTML has true for an attribute without a value.
  return alt === '' || alt === true ? { decorative: true } : { alt: alt === undefined ? '' : String(alt) }
}

function isLocal(source: string): boolean {
  return source !== '' && !/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(source) && !/\.svgz?$/i.test(source)
}

/** Returns the path that a URL of HTML stands for. */
function decodeSource(src: string): string {
  const path = decode(src).replace(/[?#].*$/s, '')
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

function decode(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
