import { defineAnalyzer } from '../define-analyzer.js'
import { openExif } from '../../metadata/exif-reader.js'

const TAG = { latitudeRef: 1, latitude: 2, longitudeRef: 3, longitude: 4, altitudeRef: 5, altitude: 6 }

/** Position where a photo was taken, usually WGS 84. */
export interface GpsPosition {
  /** Degrees; negative in the south. */
  readonly latitude: number
  /** Degrees; negative in the west. */
  readonly longitude: number
  /** Metres above sea level; negative below it. */
  readonly altitude?: number
}

// Separate from `metadata`, so that positions are published only on request.
export const gps = defineAnalyzer({
  name: 'gps',
  summary: 'Position of the photo: latitude, longitude and altitude as numbers, or null.',
  analyze: (_image, { metadata }) => readPosition(metadata.exif),
})

/** Reads the position of a photo from its EXIF; null if it has none. */
export function readPosition(exif: Uint8Array | undefined): GpsPosition | null {
  const directory = openExif(exif)?.gps
  if (directory === undefined) return null
  const { text, numbers } = directory
  const latitude = toDegrees(numbers(TAG.latitude), text(TAG.latitudeRef), 'NS', 90)
  const longitude = toDegrees(numbers(TAG.longitude), text(TAG.longitudeRef), 'EW', 180)
  if (latitude === undefined || longitude === undefined) return null
  const altitude = toAltitude(numbers(TAG.altitude)[0], numbers(TAG.altitudeRef)[0])
  return { latitude, longitude, ...(altitude !== undefined && { altitude }) }
}

/** Converts degrees, minutes and seconds to degrees; undefined without a hemisphere or above `max`. */
function toDegrees(
  [degrees = Number.NaN, minutes = 0, seconds = 0]: readonly number[],
  hemisphere: string | undefined,
  [positive, negative]: string,
  max: number,
): number | undefined {
  const letter = hemisphere?.charAt(0).toUpperCase()
  if (letter !== positive && letter !== negative) return undefined
  // Cameras that record decimal minutes or whole degrees write 0/0 for the rest.
  const value = degrees + (minutes || 0) / 60 + (seconds || 0) / 3600
  if (!(value <= max)) return undefined
  // 7 digits are about a centimetre. Adding 0 turns -0 into 0.
  return Number((letter === negative ? -value : value).toFixed(7)) + 0
}

function toAltitude(metres: number | undefined, reference: number | undefined): number | undefined {
  if (metres === undefined || !Number.isFinite(metres)) return undefined
  // 1 is below sea level, 3 is below the ellipsoid (Exif 3.0).
  const below = reference === 1 || reference === 3
  return Number((below ? -metres : metres).toFixed(2)) + 0
}
