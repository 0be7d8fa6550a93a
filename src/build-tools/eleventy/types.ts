import type { PictureSettings } from '../../report/picture/types.js'
import type { BuildToolOptions } from '../types.js'

/** Settings of pictures, as `picture()` takes them. */
export type EleventyPictureSettings = Omit<PictureSettings, 'preset' | 'baseUrl' | 'art'>

/** Options of the Eleventy plugin. */
export interface EleventyPluginOptions extends BuildToolOptions {
  /** Name of the shortcode. @default 'image' */
  readonly shortcode?: string | undefined
  /**
   * Preset of each `<img>` in the output whose source is on this disk and that names none by `data-preset`.
   * @default none: only an `<img>` with `data-preset` is replaced
   */
  readonly preset?: string | undefined
  /** Settings of all pictures. Those of a shortcode and the attributes of an `<img>` win. */
  readonly picture?: EleventyPictureSettings | undefined
}
