import type { Caption } from './builtin/caption.js'
import type { GpsPosition } from './builtin/gps.js'
import type { CameraMetadata } from './builtin/metadata.js'
import type { Palette } from './builtin/palette.js'
import type { Faces, Moderation, Objects } from './vision/types.js'

/**
 * Findings about a source, by analyzer name. Your own analyzers have the type `unknown`, unless you declare them:
 *
 * @example
 * ```ts
 * declare module 'imgproc' {
 *   interface Analysis {
 *     readonly brightness?: number
 *   }
 * }
 * ```
 */
export interface Analysis {
  /** Blurred placeholder, about 28 characters. */
  readonly blurhash?: string
  /** Title, description, alternative text and keywords. */
  readonly caption?: Caption
  /** Entropy of the grey levels in bits, 0 to 8. */
  readonly entropy?: number
  /** Faces, the most important first. */
  readonly faces?: Faces
  /** Position of the photo; null if it has none. */
  readonly gps?: GpsPosition | null
  /** Camera, lens, date, exposure and author. */
  readonly metadata?: CameraMetadata
  /** Nudity and sex. */
  readonly moderation?: Moderation
  /** People, animals and things, the most important first. */
  readonly objects?: Objects
  /** Main colours. */
  readonly palette?: Palette
  /** Perceptual hash, 16 hex digits. */
  readonly phash?: string
  /** 0 for a single colour; higher is sharper. */
  readonly sharpness?: number
  /** Blurred placeholder with aspect ratio and alpha, about 25 bytes in base64. */
  readonly thumbhash?: string
  readonly [analyzer: string]: unknown
}
