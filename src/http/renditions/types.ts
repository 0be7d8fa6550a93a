/** An encoded picture, as it is answered. */
export interface Rendition {
  /** Media type. */
  readonly type: string
  readonly data: Buffer<ArrayBuffer>
  /** Pixels. */
  readonly width: number
  readonly height: number
}
