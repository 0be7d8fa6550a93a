import { defineAnalyzer } from '../define-analyzer.js'
import { openExif } from '../../metadata/exif-reader.js'

const TAG = { latitudeRef: 1, latitude: 2, longitudeRef: 3, longitude: 4, altitudeRef: 5, altitude: 6 }

/** Where a picture was taken, WGS 84 as a rule. */
export interface GpsPosition {
  /** Degrees, south is negative. */
  readonly latitude: number
  /** Degrees, west is negative. */
  readonly longitude: number
  /** Metres above sea level, below is negative. */
  readonly altitude?: number
}

// Apart from the other metadata, so that nobody publishes where they live without having asked for it.
export const gps = defineAnalyzer({
  name: 'gps',
  summary: 'Where the picture was taken: latitude, longitude, altitude as numbers, or null.',
  analyze: (_image, { metadata }): GpsPosition | null => {
    const directory = openExif(metadata.exif)?.gps
    if (directory === undefined) return null
    const { text, numbers } = directory
    const latitude = toDegrees(numbers(TAG.latitude), text(TAG.latitudeRef), 'NS', 90)
    const longitude = toDegrees(numbers(TAG.longitude), text(TAG.longitudeRef), 'EW', 180)
    if (latitude === undefined || longitude === undefined) return null
    const altitude = toAltitude(numbers(TAG.altitude)[0], numbers(TAG.altitudeRef)[0])
    return { latitude, longitude, ...(altitude !== undefined && { altitude }) }
  },
})

/** Degrees, minutes and seconds as degrees. A number without its hemisphere could lie in either: it is none. */
function toDegrees(
  [degrees = Number.NaN, minutes = 0, seconds = 0]: readonly number[],
  hemisphere: string | undefined,
  [positive, negative]: string,
  max: number,
): number | undefined {
  const letter = hemisphere?.charAt(0).toUpperCase()
  if (letter !== positive && letter !== negative) return undefined
  // Who knows minutes with decimals, or whole degrees only, writes 0/0 for the rest.
  const value = degrees + (minutes || 0) / 60 + (seconds || 0) / 3600
  if (!(value <= max)) return undefined
  // A centimetre; more digits are only noise of the division. Adding 0 turns -0 into 0.
  return Number((letter === negative ? -value : value).toFixed(7)) + 0
}

function toAltitude(metres: number | undefined, reference: number | undefined): number | undefined {
  if (metres === undefined || !Number.isFinite(metres)) return undefined
  // 1 is below sea level, 3 below the ellipsoid (Exif 3.0).
  const below = reference === 1 || reference === 3
  return Number((below ? -metres : metres).toFixed(2)) + 0
}
