/** Kinds of metadata that an output keeps from its source. */
export interface Keep {
  readonly icc: boolean
  /** EXIF, including author and copyright, without GPS. */
  readonly exif: boolean
  /** Author, copyright, credit and licence of EXIF, XMP and IPTC. */
  readonly copyright: boolean
  /** GPS data of the EXIF, and coordinates in the XMP. */
  readonly gps: boolean
  readonly xmp: boolean
  readonly iptc: boolean
  readonly gainmap: boolean
}

export const NOTHING: Keep = {
  icc: false,
  exif: false,
  copyright: false,
  gps: false,
  xmp: false,
  iptc: false,
  gainmap: false,
}

export const EVERYTHING: Keep = {
  icc: true,
  exif: true,
  copyright: true,
  gps: true,
  xmp: true,
  iptc: true,
  gainmap: true,
}

/** Returns true if any EXIF is kept. */
export function keepsExif(keep: Keep): boolean {
  return keep.exif || keep.copyright || keep.gps
}
