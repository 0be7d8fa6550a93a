import type { Metadata } from 'sharp'
import { defineAnalyzer } from '../define-analyzer.js'
import { openExif, type ExifDirectory } from '../../metadata/exif-reader.js'

const IMAGE = { make: 0x010f, model: 0x0110, artist: 0x013b, copyright: 0x8298 }
const PHOTO = {
  exposureTime: 0x829a,
  fNumber: 0x829d,
  sensitivity: 0x8827,
  recommendedExposureIndex: 0x8832,
  taken: 0x9003,
  digitized: 0x9004,
  takenOffset: 0x9011,
  digitizedOffset: 0x9012,
  focalLength: 0x920a,
  focalLength35mm: 0xa405,
  lens: 0xa434,
}
/** Largest 16-bit value: the sensitivity is this or higher. */
const SENSITIVITY_OVERFLOW = 65_535

/** EXIF data that the camera recorded. Missing values are left out. */
export interface CameraMetadata {
  readonly make?: string
  readonly model?: string
  readonly lens?: string
  /** ISO 8601, local time of the camera; with the offset from UTC if the camera recorded it. */
  readonly taken?: string
  /** Seconds. */
  readonly exposureTime?: number
  readonly fNumber?: number
  readonly iso?: number
  /** Millimetres. */
  readonly focalLength?: number
  /** Millimetres, 35 mm equivalent. */
  readonly focalLength35mm?: number
  /** EXIF orientation of the source, 1 to 8. Outputs are upright. */
  readonly orientation?: number
  readonly artist?: string
  readonly copyright?: string
}

export const metadata = defineAnalyzer({
  name: 'metadata',
  summary: 'Camera, lens, date, exposure, orientation, artist and copyright from EXIF; no position.',
  analyze: (_image, { metadata }) => readCameraMetadata(metadata),
})

/** Reads the EXIF data that the camera recorded. */
export function readCameraMetadata({
  exif: block,
  orientation,
}: Pick<Metadata, 'exif' | 'orientation'>): CameraMetadata {
  const exif = openExif(block)
  if (exif === undefined) return compact({ orientation })
  const { image, photo } = exif
  return compact({
    make: image.text(IMAGE.make),
    model: image.text(IMAGE.model),
    lens: photo.text(PHOTO.lens),
    taken:
      toIsoDate(photo.text(PHOTO.taken), photo.text(PHOTO.takenOffset)) ??
      toIsoDate(photo.text(PHOTO.digitized), photo.text(PHOTO.digitizedOffset)),
    exposureTime: positive(photo, PHOTO.exposureTime),
    fNumber: positive(photo, PHOTO.fNumber),
    iso: readSensitivity(photo),
    focalLength: positive(photo, PHOTO.focalLength),
    focalLength35mm: positive(photo, PHOTO.focalLength35mm),
    orientation,
    artist: image.text(IMAGE.artist),
    copyright: image.text(IMAGE.copyright),
  })
}

/** Converts `2026:06:21 09:30:00` to `2026-06-21T09:30:00`; undefined if invalid, such as zeros of an unset clock. */
function toIsoDate(text = '', offset = ''): string | undefined {
  const [, year, month, day, time] = /^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d:\d\d:\d\d)/.exec(text) ?? []
  const local = `${year}-${month}-${day}T${time}`
  const date = new Date(`${local}Z`)
  // Date turns the 31st of February into a day in March.
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(local)) return undefined
  return /^[+-]\d\d:\d\d$/.test(offset) ? local + offset : local
}

/** Returns the first value of a tag; undefined unless positive. Lenses without contacts report 0. */
function positive(directory: ExifDirectory, tag: number): number | undefined {
  const [value = 0] = directory.numbers(tag)
  return value > 0 && Number.isFinite(value) ? Number(value.toPrecision(6)) : undefined
}

function readSensitivity(photo: ExifDirectory): number | undefined {
  const iso = positive(photo, PHOTO.sensitivity)
  if (iso !== undefined && iso !== SENSITIVITY_OVERFLOW) return iso
  return positive(photo, PHOTO.recommendedExposureIndex) ?? iso
}

/** Returns the fields without undefined values. */
function compact(fields: { [K in keyof CameraMetadata]: CameraMetadata[K] | undefined }): CameraMetadata {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
