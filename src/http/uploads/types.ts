import type { ImageRecord, RecordPage } from '../records/types.js'
import type { UploadPart } from '../request/upload-part.js'
import type { SettingDefaults } from '../request/upload-settings.js'
import type { UploadedFile } from './accept-upload.js'
import type { ImageFiles } from './image-files.js'

/** The token of a request. Undefined without tokens, and for a signed URL: then all images are visible. */
export interface RequestToken {
  readonly id: string
  readonly scopes: readonly string[]
}

/** The caller of a request. */
export interface Caller {
  readonly token: RequestToken | undefined
  readonly signal?: AbortSignal | undefined
}

/** Checked options of uploads, with defaults. */
export interface UploadOptions extends SettingDefaults {
  /** Bytes of a file. */
  readonly maxBytes: number
  /** Names of analyzers; undefined for all. */
  readonly analyze: readonly string[] | undefined
  /** Images that may wait for their outputs. */
  readonly queue: number
  /** URLs may lead to private addresses. */
  readonly privateUrls: boolean
}

/** The parts of uploads that routes use. */
export interface Uploads {
  readonly images: Images
  readonly files: ImageFiles
  /** Reads the parts of a request's body. */
  readonly readBody: (request: Request, caller: Caller) => AsyncIterable<UploadPart>
}

/** Uploads: everything that routes do with them. */
export interface Images {
  /**
   * Stores all files of a request, or none, and begins to work on them.
   *
   * @throws ImgprocError INVALID_USAGE, UNKNOWN_PRESET, OVERLOADED, STORE_FULL, and what `storeOriginal` throws.
   */
  upload(parts: AsyncIterable<UploadPart>, caller: Caller): Promise<readonly ImageRecord[]>
  /** Throws INPUT_NOT_FOUND if there is none that the caller may see; EXPIRED. */
  find(id: string, caller: Caller): Promise<ImageRecord>
  /** Lists the caller's images, newest first. */
  list(options: { after?: string | undefined; limit: number }, caller: Caller): Promise<RecordPage>
  /** Removes an image; returns its last record. Throws what `find` throws. */
  remove(id: string, caller: Caller): Promise<ImageRecord>
  /** Begins to make more presets. Throws what `find` throws; UNKNOWN_PRESET, OVERLOADED. */
  addOutputs(id: string, presets: readonly string[], caller: Caller): Promise<ImageRecord>
  /** Waits until work on the image has ended, or so many seconds. */
  wait(id: string, seconds: number, signal?: AbortSignal): Promise<void>
  /** Images that wait for their outputs. */
  waiting(): number
  /** Resolves when no image waits or is in work. */
  idle(): Promise<void>
  /** Notes that an image was downloaded. */
  downloaded(record: ImageRecord): Promise<void>
  /** Reads the original of an image. Throws what `find` throws. */
  readOriginal(id: string, caller: Caller): Promise<UploadedFile>
  /** Begins to take up what a killed process has left, and to remove what expires. */
  start(): void
  /** Resolves when the work in progress has ended. */
  stop(): Promise<void>
}
