/** What of the source's metadata is kept. */
export interface Keep {
  readonly icc: boolean
  readonly exif: boolean
  readonly copyright: boolean
  readonly gps: boolean
  readonly xmp: boolean
  readonly gainmap: boolean
}

export const NOTHING: Keep = {
  icc: false,
  exif: false,
  copyright: false,
  gps: false,
  xmp: false,
  gainmap: false,
}

export const EVERYTHING: Keep = {
  icc: true,
  exif: true,
  copyright: true,
  gps: true,
  xmp: true,
  gainmap: true,
}

/** Whether any EXIF is kept. */
export function keepsExif(keep: Keep): boolean {
  return keep.exif || keep.copyright || keep.gps
}
