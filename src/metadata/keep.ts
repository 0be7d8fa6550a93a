/** Kinds of metadata that an output keeps from its source. */
export interface Keep {
  readonly icc: boolean
  /** EXIF, including author and copyright, without GPS. */
  readonly exif: boolean
  /** Author and copyright of the EXIF. */
  readonly copyright: boolean
  /** GPS data of the EXIF, and coordinates in the XMP. */
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

/** Returns true if any EXIF is kept. */
export function keepsExif(keep: Keep): boolean {
  return keep.exif || keep.copyright || keep.gps
}
