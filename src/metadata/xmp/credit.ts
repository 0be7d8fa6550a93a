import { readXmpProperties } from './properties.js'
import { NAMESPACE } from './unwanted.js'

/** Author and copyright of a picture. */
export interface Credit {
  readonly artist?: string | undefined
  readonly copyright?: string | undefined
}

/** Reads dc:creator and dc:rights. Several creators are joined as in EXIF. The first of several languages counts. */
export function readXmpCredit(xmp: Uint8Array): Credit {
  const found = readXmpProperties(xmp, {
    creator: [NAMESPACE.dc, 'creator'],
    rights: [NAMESPACE.dc, 'rights'],
  })
  return { artist: found.creator.join('; ') || undefined, copyright: found.rights[0] || undefined }
}
