import type { Analysis } from '../analyzers/analysis.js'
import type { GpsPosition } from '../analyzers/builtin/gps.js'
import type { CameraMetadata } from '../analyzers/builtin/metadata.js'
import type { ErrorRecord } from '../errors.js'

/** Facts about a picture, its file and its metadata. */
export interface Inspection {
  /** Such as jpeg, png, heic. */
  readonly format: string
  readonly bytes: number
  /** Pixels of one frame, after EXIF orientation. */
  readonly width: number
  readonly height: number
  /** EXIF orientation, 2 to 8; absent for an upright picture. */
  readonly orientation?: number
  /** Pixels per inch, if the file tells. */
  readonly density?: number
  readonly color: ColorFacts
  readonly encoding: EncodingFacts
  /** Absent for a still. */
  readonly animation?: AnimationFacts
  /** Pages of a document, such as a TIFF, if there are several. */
  readonly pages?: number
  readonly metadata: MetadataFacts
  /** The preview that the camera embedded. */
  readonly preview?: { readonly width: number; readonly height: number; readonly bytes: number }
  /** Findings of analyzers, by name. */
  readonly analysis?: Analysis
  /** Analyzers that failed. */
  readonly analysisErrors?: readonly { readonly name: string; readonly error: ErrorRecord }[]
  /** Losses by preset; a preset that loses nothing has an empty list. */
  readonly losses?: readonly PresetLosses[]
}

export interface ColorFacts {
  /** Such as srgb, b-w or cmyk, as stored. */
  readonly space: string
  /** Name of the ICC profile. */
  readonly profile?: string
  readonly channels: number
  /** Bits a channel. */
  readonly bits: number
  readonly alpha: boolean
  /** Present for a picture that is brighter on HDR screens: by a gain map, or its curve. */
  readonly hdr?: 'gain map' | 'pq' | 'hlg'
}

export interface EncodingFacts {
  /** Chroma subsampling, such as 4:2:0. */
  readonly chroma?: string
  readonly progressive?: true
  /** Codec or compression of a TIFF, HEIF or JPEG XL. */
  readonly compression?: string
  readonly jpegQuality?: JpegQuality
}

/** Quality of a JPEG, on the scale of libjpeg. */
export interface JpegQuality {
  readonly value: number
  /** True if the file has the very table of this quality; false for the nearest. */
  readonly isExact: boolean
}

export interface AnimationFacts {
  readonly frames: number
  /** Repetitions; 0 for ever. */
  readonly loop: number
  /** Milliseconds of each frame. */
  readonly delays: readonly number[]
}

export interface MetadataFacts {
  readonly exif?: ExifFacts
  /** Texts by property. */
  readonly xmp?: Readonly<Record<string, readonly string[]>>
  /** Texts by data set. */
  readonly iptc?: Readonly<Record<string, readonly string[]>>
  /** Present if the file has Content Credentials (C2PA): signed statements about its origin. They are not checked. */
  readonly contentCredentials?: true
  /** True if EXIF or XMP hold a position: think before you publish it. */
  readonly hasPosition: boolean
  /** Only if asked for. */
  readonly position?: GpsPosition
}

/** EXIF in words. */
export interface ExifFacts extends CameraMetadata {
  readonly description?: string
  readonly software?: string
  /** Steps; negative for darker. */
  readonly exposureBias?: number
  readonly exposureProgram?: string
  readonly metering?: string
  /** True if it fired. */
  readonly flash?: boolean
  readonly whiteBalance?: 'auto' | 'manual'
}

/** A kind of information that an output lacks. */
export type LossKind =
  | 'animation'
  | 'hdr'
  | 'transparency'
  | 'depth'
  | 'gamut'
  | 'vectors'
  | 'pages'
  | 'exif'
  | 'position'
  | 'xmp'
  | 'iptc'
  | 'credentials'

export interface Loss {
  readonly kind: LossKind
  /** Such as `11 of 12 frames`. */
  readonly text: string
  /** Formats of the preset that lose it, if others keep it. */
  readonly formats?: readonly string[]
}

export interface PresetLosses {
  readonly preset: string
  readonly losses: readonly Loss[]
}
