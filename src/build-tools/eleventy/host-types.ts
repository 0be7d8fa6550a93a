// The parts of Eleventy's config that this plugin uses. So the types of this package need no types of Eleventy.

/** The data of a page that a shortcode or transform sees. */
export interface EleventyPage {
  /** Relative to the working directory, such as `./src/index.md`. */
  readonly inputPath?: string | undefined
}

/** `this` in a shortcode. */
export interface EleventyContext {
  readonly page?: EleventyPage | undefined
}

/** A node of HTML, as PostHTML has it. */
export interface HtmlElement {
  tag?: string | false
  attrs?: Record<string, string | number | boolean> | undefined
  content?: HtmlNode[] | undefined
}

export type HtmlNode = HtmlElement | string | number

/** Eleventy's config, as its plugins get it. */
export interface EleventyConfig {
  readonly directories: { readonly input: string; readonly output: string }
  readonly htmlTransformer: {
    addPosthtmlPlugin(
      extensions: string,
      plugin: (context: EleventyContext['page'] & object) => (tree: HtmlNode[]) => Promise<void>,
      options?: { priority?: number },
    ): void
  }
  addAsyncShortcode(
    name: string,
    write: (this: EleventyContext, ...words: never[]) => Promise<string>,
  ): unknown
  addWatchTarget(path: string): unknown
  on(event: string, handle: (event: { readonly outputMode?: string }) => Promise<void>): unknown
}
