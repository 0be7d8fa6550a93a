import type { Manifest } from '../../manifest/types.js'
import { toHtml } from './markup.js'
import { pictureData } from './picture-data.js'
import type { PictureOptions } from './types.js'

/**
 * Returns the HTML of a picture in all its sizes and formats: a `<picture>` with a `<source>` for each format but the last,
 * which every browser shows, and an `<img>`. Width and height keep the page from moving while it loads. All values are
 * escaped.
 *
 * @param path the source's path, as in the manifest.
 * @throws ImgprocError INVALID_USAGE without `alt`, unless the picture is declared decorative; if the source has no output
 * that browsers show, or outputs of several presets and none is named; or for a placeholder that was not analysed.
 * INPUT_NOT_FOUND for a source that is not in the manifest.
 *
 * @example
 * ```ts
 * import { picture, readManifest } from 'imgproc'
 * const manifest = await readManifest('public/img/manifest.json')
 * const html = picture(manifest, 'photos/landscape.jpg', {
 *   alt: 'A house in the hills',
 *   sizes: '(min-width: 60em) 40em, 100vw',
 * })
 * console.log(html)
 * ```
 */
export function picture(manifest: Manifest, path: string, options: PictureOptions): string {
  return toHtml(pictureData(manifest, path, options))
}
