import { decodeXmp } from './filter-xmp.js'
import { decodeEntities, scanXml, type XmlName } from './scan-xml.js'

/*
 * Reads where people and other subjects are in a picture: the regions of the Metadata Working Group (Guidelines for
 * Handling Image Metadata 2.0, section 5.9), and those of IPTC (Photo Metadata Standard 2019.1, Image Region).
 */

const MWG = 'http://www.metadataworkinggroup.com/schemas/regions/'
const IPTC = 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/'
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'

/** A region as XMP states it: its numbers and texts, by local name. */
export interface RawRegion {
  readonly kind: 'mwg' | 'iptc'
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** Regions, and the size of the picture to which those of MWG refer. */
export interface RawRegions {
  readonly regions: readonly RawRegion[]
  readonly appliedTo: { readonly width: number; readonly height: number } | undefined
}

/** Regions read from one file: a hostile file may hold millions. */
const MAX_REGIONS = 1000

/** Reads the regions of XMP. XMP that is damaged is read up to there. */
export function readRawRegions(xmp: Uint8Array): RawRegions {
  const text = decodeXmp(xmp) ?? ''
  const path: XmlName[] = []
  const regions: { kind: RawRegion['kind']; values: Map<string, string[]>; depth: number }[] = []
  const applied = new Map<string, string[]>()
  let open: (typeof regions)[number] | undefined
  const record = ({ local }: XmlName, value: string) => {
    const isSize = path.some((name) => name.local === 'AppliedToDimensions' && name.namespace === MWG)
    const values = open?.values ?? (isSize ? applied : undefined)
    if (values === undefined || value.trim() === '') return
    values.set(local, [...(values.get(local) ?? []), value.trim()])
  }
  for (const token of scanXml(text)) {
    if (token.type === 'invalid') break
    if (token.type === 'start') {
      path.push(token)
      const kind = open === undefined ? kindOfItem(path) : undefined
      if (kind !== undefined && regions.length < MAX_REGIONS) {
        open = { kind, values: new Map(), depth: path.length }
        regions.push(open)
      }
      for (const attribute of token.attributes) record(attribute, decodeEntities(attribute.value))
      if (!token.isEmpty) continue
    } else if (token.type === 'text') {
      const name = path.findLast(({ namespace }) => namespace !== RDF)
      if (name !== undefined) record(name, decodeEntities(text.slice(token.start, token.end)))
      continue
    } else if (token.type !== 'end') continue
    if (open?.depth === path.length) open = undefined
    path.pop()
  }
  const [width, height] = ['w', 'h'].map((name) => Number(applied.get(name)?.[0]))
  const isSized = width !== undefined && height !== undefined && width > 0 && height > 0
  return { regions, appliedTo: isSized ? { width, height } : undefined }
}

/** Returns the kind of region that the innermost element is: an item of a list of regions. */
function kindOfItem(path: readonly XmlName[]): RawRegion['kind'] | undefined {
  const [list, , item] = path.slice(-3)
  if (item?.local !== 'li' || list === undefined) return undefined
  if (list.local === 'RegionList' && list.namespace === MWG) return 'mwg'
  return list.local === 'ImageRegion' && list.namespace === IPTC ? 'iptc' : undefined
}
