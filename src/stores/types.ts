/** Properties of written data. */
export interface WriteMeta {
  /** The media type. */
  readonly contentType: string
  /**
   * Fails with OUTPUT_COLLISION if the ref exists, and leaves it unchanged.
   * @default false
   */
  readonly ifAbsent?: boolean | undefined
}

/** Reads and writes one kind of place, such as the disk or S3. */
export interface Store {
  readonly scheme: string
  /** Tells whether an argument is a file, a folder, a glob or nothing. Lists nothing. */
  locate(pattern: string): Promise<Location>
  /** Lists the files that a path, folder or glob matches, each once, in no order. */
  list(pattern: string, options?: ListOptions): AsyncIterable<Source>
  /**
   * Lists all files below a folder in ascending order of the UTF-8 bytes of their refs. Reads only as far as it is consumed,
   * so that a page of a million files is cheap. Only implemented by stores that have folders.
   */
  listInOrder?(folder: string, options?: OrderedListOptions): AsyncIterable<Source>
  /** Returns undefined if the ref does not exist. */
  stat(ref: string): Promise<Source | undefined>
  /** Stats many refs, in their order. Only implemented if that is cheaper than a `stat` for each. */
  statAll?(refs: readonly string[]): Promise<readonly (Source | undefined)[]>
  /** Throws INPUT_NOT_FOUND, ACCESS_DENIED, INPUT_TOO_LARGE or READ_FAILED. */
  read(ref: string, options?: ReadOptions): Promise<Uint8Array>
  /** Writes atomically; returns the stored entry. Throws ACCESS_DENIED or WRITE_FAILED. */
  write(ref: string, data: Uint8Array, meta: WriteMeta): Promise<Source>
  /** As `write`, for data that may not fit into memory. Only implemented by stores that write in parts. */
  writeParts?(ref: string, parts: Iterable<Uint8Array>, meta: WriteMeta): Promise<Source>
  /** Does nothing if the ref does not exist. */
  remove(ref: string): Promise<void>
  /**
   * Returns a URL that reads the ref without credentials, for some time. Only implemented by stores that can; undefined if the
   * ref is in another place.
   */
  presign?(ref: string, options: PresignOptions): Promise<string | undefined>
  /**
   * Removes temp files that killed processes left in a folder and the folders below it. Never rejects. Only implemented
   * by stores that write temp files.
   */
  sweep?(folder: string, options?: SweepOptions): Promise<void>
  /** Opens a file of lines to append to, and creates it if necessary. Undefined if the store only writes whole files. */
  openLog?(ref: string): Promise<Log | undefined>
}

/** A store that lists in order. */
export type OrderedStore = Store & Required<Pick<Store, 'listInOrder'>>

export interface OrderedListOptions {
  /** The ref, which need not exist, after which the list begins. @default the first */
  readonly after?: string | undefined
  /** Files to list, at most. @default all */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface PresignOptions {
  /** Seconds that the URL works. */
  readonly seconds: number
  /** Header of the answer. */
  readonly contentDisposition?: string | undefined
}

export interface SweepOptions {
  /** Leaves out the folders below. @default false */
  readonly shallow?: boolean | undefined
}

/** A file that is only appended to. Empty lines may be at the end of one that was not closed. */
export interface Log {
  /**
   * Data that is appended during a write is part of the next write. Resolves when the operating system has the data,
   * so that killing the process loses nothing.
   */
  append(data: Uint8Array): Promise<void>
  /** Closes the file after all data was written. */
  close(): Promise<void>
}

/**
 * A store of keys, to be implemented by users for a place of their own. A ref is the scheme, `://` and the key, which
 * is taken literally: never decoded, encoded or normalised. Errors other than ImgprocError are reported by their
 * message.
 */
export interface Backend {
  /** The scheme of its URLs: `s3` for `s3://bucket/key`. */
  readonly scheme: string
  /** Lists all entries whose ref begins with the prefix, in any order; page by page, if there may be many. */
  list(prefix: string, options: BackendListOptions): AsyncIterable<Source>
  /**
   * Lists the entries whose ref begins with the prefix, in ascending order of the UTF-8 bytes of their refs. Omit it if the
   * place has no order: then all are listed and sorted.
   */
  listInOrder?(prefix: string, options: OrderedListOptions): AsyncIterable<Source>
  /** Returns undefined if the ref does not exist. */
  stat(ref: string): Promise<Source | undefined>
  /** Returns the bytes, or the requested range of them; undefined if the ref does not exist. */
  read(ref: string, options: ReadOptions): Promise<Uint8Array | undefined>
  /** Writes atomically; returns the stored entry. Omit it if the store is read-only. */
  write?(ref: string, data: Uint8Array, meta: WriteMeta): Promise<Source>
  /** Does nothing if the ref does not exist. Omit it if the store cannot remove. */
  remove?(ref: string): Promise<void>
}

export interface BackendListOptions {
  readonly signal?: AbortSignal | undefined
  /** A hint: entries with a further `/` after the prefix are not needed. */
  readonly shallow?: boolean | undefined
}

/** The kind and place of an argument. */
export interface Location {
  /** `nothing` is a path without wildcards that does not exist. */
  readonly kind: 'file' | 'folder' | 'glob' | 'nothing'
  /** The file or folder; for a glob, the deepest folder without wildcards. */
  readonly ref: string
  /** The folder that `{dir}` of its files is relative to. */
  readonly base: string
}

export interface ListOptions {
  readonly signal?: AbortSignal | undefined
  /** Globs to leave out, relative to the working directory. */
  readonly ignore?: readonly string[] | undefined
  /** Folders that are not entered, such as an output folder inside an input folder. */
  readonly skip?: readonly string[] | undefined
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes. A larger source fails with INPUT_TOO_LARGE, before anything is read if the store knows the size. */
  readonly maxBytes?: number | undefined
  /** First byte, and the one after the last. */
  readonly range?: readonly [from: number, to: number] | undefined
  /** Call it when bytes have arrived: a read that is slow is no read that hangs. */
  readonly onProgress?: (() => void) | undefined
  /** Allocates the memory to read into, for stores that support it. @default fresh memory */
  readonly allocate?: ((bytes: number) => Buffer) | undefined
}

/** An image as its store lists it. */
export interface Source {
  /** A path or URL that the store of its scheme reads. */
  readonly ref: string
  /** Bytes. */
  readonly size: number
  /** ISO 8601, to the store's precision. */
  readonly modified?: string
  readonly etag?: string
  /**
   * Milliseconds since 1970 at which a local file was last written, renamed or replaced (ctime). No program can set it, so
   * it shows a file that was replaced by another of the same size and date.
   */
  readonly changed?: number
}
