import type { CustomAnalyzers } from '../analyzers/load-analyzers.js'
import type { UserConfig } from '../config/types.generated.js'
import type { Limits } from '../image/types.js'
import type { CustomStores } from '../stores/load-stores.js'
import type { Store } from '../stores/types.js'

/** Options of the config's key `serve`. */
type ServeConfig = NonNullable<UserConfig['serve']>

/** Options of `createHandler`: the config's key `serve`, and the keys beside it that a server uses. */
export interface HandlerOptions
  extends ServeConfig, Pick<UserConfig, 'presets' | 's3' | 'limits' | 'failOn'> {
  /** The folder that relative paths begin in. @default the working directory */
  readonly root?: string | undefined
  /** Your own stores by scheme: the modules that export them, or the stores. */
  readonly stores?: CustomStores | undefined
  /** Your own analyzers by name: the modules that export them, or the analyzers. */
  readonly analyzers?: CustomAnalyzers | undefined
}

/** Answers HTTP requests, in any framework that has web standard requests. */
export interface Handler {
  /** Answers a request. Never rejects: errors become `application/problem+json`. */
  fetch(request: Request): Promise<Response>
  /** Throws INVALID_CONFIG if the store cannot be written. */
  check(): Promise<void>
  /** Refuses further requests with 503, and resolves when those in progress have been answered. */
  close(): Promise<void>
}

/** Checked options, with defaults. */
export interface ResolvedOptions extends Required<
  Pick<ServeConfig, 'cacheBytes' | 'memoryBytes' | 'concurrency' | 'queue' | 'immutable'>
> {
  /** Absolute folder. */
  readonly root: string
  /** Location of originals, records and results, without a slash at its end. */
  readonly store: string
  /** Locations of sources by the first segment of their path, without a slash at their end. */
  readonly sources: ReadonlyMap<string, string>
  readonly onlyPresets: boolean
  /** Value of `Cache-Control`. */
  readonly cacheControl: string
  readonly presets: UserConfig['presets']
  readonly s3: UserConfig['s3']
  readonly limits: Limits
  readonly failOn: NonNullable<UserConfig['failOn']>
  readonly stores: CustomStores
  readonly analyzers: CustomAnalyzers
}

/** Everything that routes need, made once for a handler. */
export interface Services {
  readonly options: ResolvedOptions
  /** Reads sources, and reads and writes originals, records and results. */
  readonly store: Store
}
