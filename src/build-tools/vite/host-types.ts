// The parts of Vite's plugin interface that this plugin uses. So the types of this package need no types of Vite.
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Vite's resolved config. */
export interface ViteConfig {
  readonly root: string
  readonly base: string
  readonly command: 'build' | 'serve'
  readonly publicDir: string
  readonly build: { readonly ssr: boolean | string }
  readonly server: { readonly origin?: string | undefined }
}

/** The context of hooks while a module is resolved or loaded. */
export interface ViteContext {
  resolve(
    source: string,
    importer?: string,
    options?: { skipSelf?: boolean },
  ): Promise<{ readonly id: string } | null>
  addWatchFile(file: string): void
}

type Next = (error?: unknown) => void

/** Vite's development server. */
export interface ViteServer {
  readonly middlewares: {
    use(handle: (request: IncomingMessage, response: ServerResponse, next: Next) => void): unknown
  }
  readonly watcher: { add(files: string | readonly string[]): unknown }
  readonly ws: {
    send(payload: { type: 'error'; err: { message: string; stack: string; plugin: string } }): void
  }
  readonly config: { readonly logger: { error(message: string): void } }
}

/** A module of the development server. */
export interface ViteModule {
  readonly id: string | null
}

/** The context of `hotUpdate`. */
export interface ViteEnvironmentContext {
  readonly environment: {
    readonly moduleGraph: { readonly idToModuleMap: ReadonlyMap<string, unknown> }
  }
}
