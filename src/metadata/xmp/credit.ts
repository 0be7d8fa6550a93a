import { NAMESPACE } from './namespaces.js'
import { readXmpProperties } from './properties.js'
import type { XmlName } from './scan-xml.js'

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

/** Author, rights, credit line and licence, as search engines read them. Addresses of the author are not among them. */
const CREDITING: ReadonlyMap<string, RegExp> = new Map([
  [NAMESPACE.dc, /^(?:creator|rights)$/],
  [NAMESPACE.photoshop, /^(?:Credit|Source|AuthorsPosition)$/],
  [NAMESPACE.rights, /^(?:Marked|Owner|UsageTerms|WebStatement|Certificate)$/],
  [NAMESPACE.tiff, /^(?:Artist|Copyright)$/],
  [NAMESPACE.plus, /^(?:ImageCreator|CopyrightOwner|Licensor)$/],
  [NAMESPACE.creativeCommons, /^(?:license|attributionName|attributionURL)$/],
])

/** Returns true for a property that says whose the picture is, and how it may be used. */
export function isCredit({ namespace, local }: XmlName): boolean {
  return CREDITING.get(namespace)?.test(local) === true
}
