// The public face of the package's `imgproc/eleventy`.
// oxlint-disable-next-line import/no-default-export -- as plugins of Eleventy have it
export { imgproc as default } from './plugin.js'
export type { EleventyPictureSettings, EleventyPluginOptions } from './types.js'
export type { BuildToolOptions } from '../types.js'
export type { EleventyConfig, EleventyContext, EleventyPage, HtmlElement, HtmlNode } from './host-types.js'
