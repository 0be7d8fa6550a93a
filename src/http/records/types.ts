import type { Analysis } from '../../analyzers/analysis.js'
import type { ErrorRecord } from '../../errors.js'
import type { OutputResult } from '../../jobs/types.js'

/** The state of an upload. `partial`: some outputs failed. */
export type ImageStatus = 'queued' | 'processing' | 'ready' | 'partial' | 'failed'

/** The order of work on uploads; among equals the oldest goes first. */
export type Priority = 'low' | 'normal' | 'high'

/** Facts of an uploaded file. */
export interface OriginalFacts {
  /** As sharp names it, but avif or heic instead of `heif`. */
  readonly format: string
  readonly mime: string
  /** Pixels, upright. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  /** `sha256:` and the SHA-256 of its bytes, in hex digits. */
  readonly hash: string
}

/** Everything that is known about an upload. Plain JSON. */
export interface ImageRecord {
  /** UUIDv7: sorts by the time of the upload. */
  readonly id: string
  /** As the client named it, without folders. */
  readonly filename: string
  readonly status: ImageStatus
  /** ISO 8601. */
  readonly createdAt: string
  /** ISO 8601. From then on the image is gone. */
  readonly expiresAt?: string
  /** Removes the image when it was downloaded. */
  readonly deleteAfterDownload?: true
  /** Id of the token that uploaded it; other tokens do not see it. */
  readonly owner?: string
  readonly priority: Priority
  /** Presets to make of it. */
  readonly presets: readonly string[]
  readonly original: OriginalFacts
  readonly outputs: readonly OutputResult[]
  /** Findings of the analyzers, by name. */
  readonly analysis?: Analysis
  /** Analyzers that failed. */
  readonly analysisErrors?: readonly { readonly name: string; readonly error: ErrorRecord }[]
  /** The error that failed the whole image. */
  readonly error?: ErrorRecord
}

/** A part of the list of records. */
export interface RecordPage {
  /** Newest first. */
  readonly records: readonly ImageRecord[]
  /** The id after which the next page begins; undefined at the end. */
  readonly next?: string
}

export interface ListRecordsOptions {
  /** Lists the records of this owner only. @default all */
  readonly owner?: string | undefined
  /** The id after which the page begins: it holds older ones. @default the newest */
  readonly after?: string | undefined
  /** Records to read, at most. A page may hold fewer although there are more. */
  readonly limit: number
}

/**
 * Keeps the records of uploads. Each call is atomic: a reader sees the record before it or after it, and a killed process
 * leaves one of the two.
 */
export interface Records {
  /** Adds a record. It survives a kill of the process from then on. */
  create(record: ImageRecord): Promise<void>
  /** Returns undefined if there is none. */
  get(id: string): Promise<ImageRecord | undefined>
  /**
   * Changes a record; returns the changed one, or undefined if there is none: a removed record does not come back. Changes of
   * one record wait for each other.
   */
  update(id: string, change: (record: ImageRecord) => ImageRecord): Promise<ImageRecord | undefined>
  /** Removes a record; returns it, or undefined if there was none. */
  remove(id: string): Promise<ImageRecord | undefined>
  /** Lists records, newest first. Reads no more than a page of them. */
  list(options: ListRecordsOptions): Promise<RecordPage>
  /** Returns the ids of records that have expired, the earliest first. Reads no others. */
  listExpired(now: Date, limit: number): Promise<readonly string[]>
  /**
   * Notes that work on an image has begun: it is uploaded, made or removed. The note survives a kill of the process, so that
   * another finds what was left.
   */
  begin(id: string): Promise<void>
  /** Removes the note. */
  finish(id: string): Promise<void>
  /**
   * Lists the ids with a note, the oldest first, without those of other servers that live. Records in a store know of no
   * others: they list all.
   */
  listUnfinished(): AsyncIterable<string>
  /** Ends the sign of life, where there is one: other servers take up what is unfinished. */
  close(): Promise<void>
}
