import type { PictureData, PictureImage } from '../../report/picture/types.js'
import type { BuildToolOptions } from '../types.js'
import type { ViteConfig, ViteContext, ViteEnvironmentContext, ViteModule, ViteServer } from './host-types.js'

/** Options of the Vite plugin. */
export interface VitePluginOptions extends BuildToolOptions {
  /**
   * File to write the TypeScript declarations of the project's presets to, such as `src/imgproc-env.d.ts`. Those of the
   * included presets are in `imgproc/vite/client`.
   * @default none
   */
  readonly types?: string | undefined
}

/** The default export of an import such as `./hero.jpg?preset=hero`. Keys are the attributes of HTML. */
export interface ImportedPicture extends Pick<PictureData, 'sources' | 'placeholder'> {
  /** Attributes of the `<img>`. The page adds `alt`, and whatever it wants otherwise. */
  readonly img: Omit<PictureImage, 'alt'>
}

/** The plugin, in the form that Vite takes. */
export interface VitePlugin {
  readonly name: string
  readonly enforce: 'pre'
  configResolved(config: ViteConfig): void
  configureServer(server: ViteServer): void
  buildStart(): Promise<void>
  resolveId(this: ViteContext, source: string, importer: string | undefined): Promise<string | null>
  load(this: ViteContext, id: string): Promise<string | null>
  hotUpdate(
    this: ViteEnvironmentContext,
    options: { readonly file: string; readonly modules: readonly ViteModule[] },
    // oxlint-disable-next-line no-explicit-any -- modules of Vite go back to Vite
  ): Promise<any[] | undefined>
}
