import type { CustomAnalyzers } from '../analyzers/load-analyzers.js'
import type { UserConfig } from '../config/types.generated.js'
import type { RedisClient } from './records/redis-client.js'
import type { Executor } from './uploads/executor.js'
import type { UploadOptions } from './uploads/types.js'
import type { Limits } from '../image/types.js'
import type { AnyOwnOperation } from '../operations/own/types.js'
import type { CustomStores } from '../stores/load-stores.js'
import type { AccessOptions, Token } from './access/types.js'
import type { Trace } from './observe/trace.js'
import type { LogLevel, LogStream } from './observe/types.js'

/** Options of the config's key `serve`. */
export type ServeConfig = NonNullable<UserConfig['serve']>

/** Options of `createHandler`: the config's key `serve`, and the keys beside it that a server uses. */
export interface HandlerOptions
  extends ServeConfig, Pick<UserConfig, 'presets' | 's3' | 'gcs' | 'azure' | 'limits' | 'failOn'> {
  /** The folder that relative paths begin in. @default the working directory */
  readonly root?: string | undefined
  /** Your own stores by scheme: the modules that export them, or the stores. */
  readonly stores?: CustomStores | undefined
  /** Your own analyzers by name: the modules that export them, or the analyzers. */
  readonly analyzers?: CustomAnalyzers | undefined
  /** Your own operations by name. Load those that are modules by `loadConfig` before. */
  readonly operations?: Readonly<Record<string, AnyOwnOperation>> | undefined
  /** Redis for the records of uploads and the counts of rate limits, which several servers then share: a client of ioredis. @default records in the store, counts in memory */
  readonly redis?: RedisClient | undefined
  /** Makes the outputs of uploads, such as `createQueueExecutor` of `imgproc/queue`. @default this process */
  readonly executor?: Executor | undefined
  /** Takes the lines of the log, which are JSON. @default no log */
  readonly log?: LogStream | undefined
}

/** Facts of a request that a web standard request does not hold. */
export interface RequestFacts {
  /** Address of the machine that has connected: the client, or a proxy. Rate limits by address need it. */
  readonly address?: string | undefined
}

/** Answers HTTP requests, in any framework that has web standard requests. */
export interface Handler {
  /** Answers a request. Never rejects: errors become `application/problem+json`. */
  fetch(request: Request, facts?: RequestFacts): Promise<Response>
  /** Throws INVALID_CONFIG if the store cannot be written. */
  check(): Promise<void>
  /**
   * Resolves when results of earlier answers are written to the store, and the outputs of earlier uploads are made, for a
   * process that may stop after an answer.
   */
  settle(): Promise<void>
  /** Refuses further requests with 503, and resolves when those in progress have been answered. */
  close(): Promise<void>
}

/** Checked options, with defaults. */
export interface ResolvedOptions {
  /** Absolute folder. */
  readonly root: string
  /** Location of originals, records and results, without a slash at its end. */
  readonly store: string
  /** Locations of sources by the first segment of their path, without a slash at their end. */
  readonly sources: ReadonlyMap<string, string>
  readonly onlyPresets: boolean
  /** Lets `format=auto` choose JPEG XL. */
  readonly jxl: boolean
  /** Shows the demo page. */
  readonly demo: boolean
  /** Value of `Cache-Control`. */
  readonly cacheControl: string
  /** Files whose name holds a hash never change. */
  readonly immutable: boolean
  /** Bytes of results in the store. */
  readonly cacheBytes: number
  /** Bytes of results in memory. */
  readonly memoryBytes: number
  /** Images that are made at once. */
  readonly concurrency: number
  /** Requests that may wait. */
  readonly queue: number
  readonly uploads: UploadOptions
  readonly presets: UserConfig['presets']
  readonly s3: UserConfig['s3']
  readonly gcs: UserConfig['gcs']
  readonly azure: UserConfig['azure']
  readonly limits: Limits
  readonly failOn: NonNullable<UserConfig['failOn']>
  readonly stores: CustomStores
  readonly analyzers: CustomAnalyzers
  readonly access: AccessOptions
  readonly redis: RedisClient | undefined
  readonly executor: Executor | undefined
  readonly log: LogStream | undefined
  readonly logLevel: LogLevel
}

/** The way that an answer came about, for logs and metrics. */
export interface Outcome {
  /** The place that the picture came from. */
  readonly from: 'validator' | 'memory' | 'store' | 'render' | 'source'
  /** Names of presets; empty for operations alone. */
  readonly presets: readonly string[]
  /** Media type of the answer; undefined for 304. */
  readonly type: string | undefined
}

/** Types of Hono's context: facts of the caller, and variables of a request. */
export interface Env {
  readonly Bindings: RequestFacts
  readonly Variables: {
    requestId: string
    trace: Trace
    /** The token of the request. Without one, the request is not limited to the images of a token. */
    token: Token | undefined
    /** Id of the token, also where the request is not limited to its images. */
    tokenId: string | undefined
    /** The address of the client, behind the proxies that the config trusts. */
    address: string | undefined
    /** Left by the routes of images. */
    outcome?: Outcome
  }
}
