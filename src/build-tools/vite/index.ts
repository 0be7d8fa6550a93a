// The public face of the package's `imgproc/vite`.
// oxlint-disable-next-line import/no-default-export -- as plugins of Vite have it
export { imgproc as default } from './plugin.js'
export type { ImportedPicture, VitePlugin, VitePluginOptions } from './types.js'
export type { BuildToolOptions } from '../types.js'
export type { ViteConfig, ViteContext, ViteEnvironmentContext, ViteModule, ViteServer } from './host-types.js'
