/** Texts that an output gets instead of those of its source. */
export interface WrittenTexts {
  /** Author. Several names are separated by `; `, as in EXIF. */
  readonly artist?: string | undefined
  readonly copyright?: string | undefined
  /** Caption. */
  readonly description?: string | undefined
  /** Words to print beside the picture. */
  readonly credit?: string | undefined
  /** Text that stands for the picture. */
  readonly altText?: string | undefined
}

/** Metadata that an output gets instead of those of its source. */
export interface Written extends WrittenTexts {
  /** Pixels per inch at which to print. */
  readonly density?: number | undefined
}

/** Returns the names of several authors. (Exif 3.0, section 4.6.5; Metadata Working Group, Guidelines 2.0, section 5.4) */
export function splitArtists(artist: string): readonly string[] {
  return artist
    .split(';')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
