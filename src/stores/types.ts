/** What a store keeps beside the bytes it is given. */
export interface WriteMeta {
  /** The media type. */
  readonly contentType: string
  /** Throws OUTPUT_COLLISION where something is there already, and leaves that. */
  readonly ifAbsent?: boolean | undefined
}

/** One kind of place to read from and write to. */
export interface Store {
  readonly scheme: string
  /** What an argument is, before it is listed. */
  locate(pattern: string): Promise<Location>
  /** What a path, folder or glob stands for, one entry each, in no order. */
  list(pattern: string, options?: ListOptions): AsyncIterable<Source>
  stat(ref: string): Promise<Source | undefined>
  /** The same of many, in their order: where that costs less than to ask after each. */
  statAll?(refs: readonly string[]): Promise<readonly (Source | undefined)[]>
  /** Throws INPUT_NOT_FOUND, ACCESS_DENIED, INPUT_TOO_LARGE or READ_FAILED. */
  read(ref: string, options?: ReadOptions): Promise<Uint8Array>
  /** Whole or not at all; what is there now. Throws ACCESS_DENIED or WRITE_FAILED. */
  write(ref: string, data: Uint8Array, meta: WriteMeta): Promise<Source>
  /** Nothing happens where nothing is. */
  remove(ref: string): Promise<void>
  /** Opens a file to add to its end, and makes it where there is none. Undefined where only whole files are written. */
  openLog?(ref: string): Promise<Log | undefined>
}

/** A file that grows. */
export interface Log {
  /** What comes while a write is under way goes with the next. Resolves when the system has it: a kill takes it no more. */
  append(data: Uint8Array): Promise<void>
  /** When all is written. */
  close(): Promise<void>
}

/**
 * A place of keys: what a store of one's own has to do. A ref is the scheme, `://` and the key, which is taken as
 * it is: never decoded, encoded or normalised. Errors that are no ImgprocError are reported by their message.
 */
export interface Backend {
  /** Of its URLs: `s3` for `s3://bucket/key`. */
  readonly scheme: string
  /** All whose ref begins with the prefix, in any order; page by page, where there may be many. */
  list(prefix: string, options: BackendListOptions): AsyncIterable<Source>
  /** Undefined where nothing is. */
  stat(ref: string): Promise<Source | undefined>
  /** The bytes, or the range of them that is asked for; undefined where nothing is. */
  read(ref: string, options: ReadOptions): Promise<Uint8Array | undefined>
  /** Whole or not at all; what is there now. Left out where nothing may be written. */
  write?(ref: string, data: Uint8Array, meta: WriteMeta): Promise<Source>
  /** Nothing happens where nothing is. Left out where nothing may be removed. */
  remove?(ref: string): Promise<void>
}

export interface BackendListOptions {
  readonly signal?: AbortSignal | undefined
  /** A hint: what has a further `/` after the prefix isn't wanted, and need not be listed. */
  readonly shallow?: boolean | undefined
}

/** What an argument is. */
export interface Location {
  /** `nothing` is a literal path that isn't there. */
  readonly kind: 'file' | 'folder' | 'glob' | 'nothing'
  /** The file or folder; of a glob the deepest folder that is fixed. */
  readonly ref: string
  /** The folder that `{dir}` of its files is relative to. */
  readonly base: string
}

export interface ListOptions {
  readonly signal?: AbortSignal | undefined
  /** Globs that are left out, relative to the working directory. */
  readonly ignore?: readonly string[] | undefined
  /** Folders that are not entered: the output root, when it lies inside an input. */
  readonly skip?: readonly string[] | undefined
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes; larger is INPUT_TOO_LARGE, before anything is read where the store knows the size. */
  readonly maxBytes?: number | undefined
  /** First byte, and the one after the last. */
  readonly range?: readonly [from: number, to: number] | undefined
  /** Memory of so many bytes, for a store that reads into memory it is given. @default fresh memory */
  readonly allocate?: ((bytes: number) => Buffer) | undefined
}

/** Where an image comes from, as its store lists it. */
export interface Source {
  /** A path or URL that the store of its scheme reads. */
  readonly ref: string
  /** Bytes. */
  readonly size: number
  /** ISO 8601, to the store's precision. */
  readonly modified?: string
  readonly etag?: string
}
