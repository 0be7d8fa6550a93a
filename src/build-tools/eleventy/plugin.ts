import { existsSync } from 'node:fs'
import { CONFIG_FILES } from '../../config/find-config.js'
import { ImgprocError, toImgprocError } from '../../errors.js'
import { toHtml } from '../../report/picture/markup.js'
import type { PictureAlt } from '../../report/picture/types.js'
import type { EleventyConfig, EleventyPage } from './host-types.js'
import { createPageImages, type PageImages } from './page-images.js'
import { replaceImages } from './replace-images.js'
import type { EleventyPictureSettings, EleventyPluginOptions } from './types.js'

/**
 * Plugin of Eleventy 3: an asynchronous shortcode for pictures, and a transform of `<img>` in the HTML of the site.
 *
 * @example
 * ```ts
 * // eleventy.config.js
 * import imgproc from 'imgproc/eleventy'
 * export default function (eleventyConfig) {
 *   eleventyConfig.addPlugin(imgproc, { preset: 'responsive' })
 * }
 * ```
 */
export function imgproc(eleventyConfig: EleventyConfig, options: EleventyPluginOptions = {}): void {
  const { shortcode = 'image', preset, picture: settings = {}, ...project } = options
  let images: PageImages | undefined
  const open = () => (images ??= createPageImages(project, eleventyConfig.directories))

  eleventyConfig.on('eleventy.before', async () => {
    // A server builds again when files have changed, the config among them.
    images = undefined
  })
  eleventyConfig.on('eleventy.after', async ({ outputMode }) => {
    if (outputMode === 'fs') await images?.copy()
  })
  // The other keys of a package.json change too often.
  for (const file of options.config === undefined ? CONFIG_FILES : [options.config])
    if (file !== 'package.json' && existsSync(file)) eleventyConfig.addWatchTarget(file)

  eleventyConfig.addAsyncShortcode(
    shortcode,
    async function (source: unknown, name: unknown, alt?: unknown, more?: unknown) {
      return writePicture(open(), this.page, [source, name, alt, more], { shortcode, settings })
    },
  )
  eleventyConfig.htmlTransformer.addPosthtmlPlugin('html', (page) => async (tree) => {
    await replaceImages(tree, { images: open(), page, preset, settings })
  })
}

/** Returns the HTML of a shortcode. */
async function writePicture(
  images: PageImages,
  page: EleventyPage | undefined,
  [source, preset, alt, more]: readonly unknown[],
  { shortcode, settings }: { readonly shortcode: string; readonly settings: EleventyPictureSettings },
): Promise<string> {
  const shown = `{% ${shortcode} "${String(source)}", "${String(preset)}" %}`
  try {
    if (typeof source !== 'string' || typeof preset !== 'string')
      throw new ImgprocError(
        'INVALID_USAGE',
        `The shortcode needs a source, a preset and a text alternative: {% ${shortcode} "hero.jpg", "responsive", "A house" %}.`,
        { stage: 'usage' },
      )
    const own = typeof more === 'string' ? { sizes: more } : (more as EleventyPictureSettings | undefined)
    const options = { ...settings, ...own, ...toAlt(alt) }
    // Markdown takes indented lines and blank ones for text.
    return toHtml(await images.take({ source, preset, page, options })).replaceAll(/\n\s*/g, '')
  } catch (error) {
    const { code, message, path } = toImgprocError(error)
    const text = `${message}\n  ${shown} in ${page?.inputPath ?? 'a page'} (${code})`
    throw new ImgprocError(code, text, { path, cause: error })
  }
}

/** An empty text is that of a picture that only decorates, as in HTML. pictureData complains about a missing one. */
function toAlt(alt: unknown): PictureAlt {
  return alt === '' ? { decorative: true } : { alt: typeof alt === 'string' ? alt : '' }
}
