import type { Metadata } from 'sharp'
import type { OpenImage } from '../image/open-image.js'
import { primariesOf, transferOf, type ColourPair } from '../metadata/colour-description.js'
import { parseExif } from '../metadata/exif/parse-exif.js'
import { selectTags } from '../metadata/exif/select-tags.js'
import type { ExifDirectories } from '../metadata/exif/write-exif.js'
import { readProfileCodes } from '../metadata/icc-profile.js'
import { readIptcCredit } from '../metadata/iptc/read-iptc.js'
import { selectIptc, type SelectedIptc } from '../metadata/iptc/select-iptc.js'
import { keepsExif, type Keep } from '../metadata/keep.js'
import type { Written } from '../metadata/written.js'
import { isCredit, readXmpCredit, type Credit } from '../metadata/xmp/credit.js'
import { namesExtension } from '../metadata/xmp/extended-xmp.js'
import { filterXmp } from '../metadata/xmp/filter-xmp.js'
import type { XmlName } from '../metadata/xmp/scan-xml.js'
import { createReplacedNames, writeXmp } from '../metadata/xmp/write-xmp.js'
import type { XmpSelection } from '../metadata/xmp/unwanted.js'

/** Metadata that is written into an encoded file. sharp never writes EXIF: it would copy the embedded thumbnail. */
export interface OutputMetadata {
  readonly exif: ExifDirectories | undefined
  readonly xmp: string | undefined
  readonly iptc: SelectedIptc | undefined
  /** Codes of the colours, which say the same as the profile that is kept. */
  readonly codes: ColourPair | undefined
  /** Pixels per inch. */
  readonly density: number
  /** True if the density is written into every format that has a place for it. */
  readonly writesDensity: boolean
  /** True if a TIFF without EXIF gets the density too. libvips writes another. */
  readonly keepsDensity: boolean
  /** True if EXIF and XMP hold something of the source. */
  readonly keeps: { readonly exif: boolean; readonly xmp: boolean }
  /** Collects sentences about metadata that could not be kept. */
  readonly warnings: Set<string>
}

/** The value of libvips, and of the standard for an unknown density. */
const DEFAULT_DENSITY = 72

/** The picture that an output shows. */
interface Shown {
  /** EXIF orientation, if the pixels are not turned by it. */
  readonly orientation: number | undefined
  /** True if all of the source is shown, perhaps turned by its orientation. */
  readonly isSamePicture: boolean
}

/** Metadata of a recipe. */
interface Asked {
  readonly keep: Keep
  readonly written: Written
  /** True if the recipe says that nothing is kept. */
  readonly strips: boolean
}

/** Selects the metadata of an output, before its pixels are made. */
export function planMetadata(
  image: OpenImage,
  { keep, written, strips }: Asked,
  shown: Shown,
): OutputMetadata {
  const { metadata, undrawn = [] } = image
  const { density, exif, iptc, orientation: stored = 1 } = metadata
  const { orientation } = shown
  const warnings = new Set(
    undrawn.map((feature) => `The SVG uses ${feature}, which is not drawn as in browsers.`),
  )
  if (image.hasCredentials === true && !strips)
    warnings.add('The Content Credentials (C2PA) were left out, since they are about the unchanged file.')
  const block = exif && parseExif(exif)
  if (exif !== undefined && block === undefined && keepsExif(keep))
    warnings.add('The EXIF is damaged and was left out.')
  const isUpright = orientation === undefined
  const regions = shown.isSamePicture && (stored === 1 || !isUpright)
  const kept = { keep, orientation, ...(keep.copyright && { credit: readCredit(metadata) }) }
  const keptXmp = selectXmp(metadata, { ...keep, orientation: !isUpright, regions, written }, warnings)
  return {
    exif: selectTags(block, { ...kept, written }),
    codes: keep.icc && metadata.icc !== undefined ? readSdrCodes(metadata.icc) : undefined,
    density: written.density ?? density ?? DEFAULT_DENSITY,
    writesDensity: written.density !== undefined,
    keepsDensity: written.density !== undefined || (keep.exif && density !== undefined),
    xmp: writeXmp(keptXmp, written),
    iptc: selectIptc(iptc, keep, written),
    keeps: { exif: selectTags(block, kept) !== undefined, xmp: keptXmp !== undefined },
    warnings,
  }
}

/** Returns the codes of a profile, but for HDR: those would make a picture brighter than its profile says. */
function readSdrCodes(icc: Uint8Array): ColourPair | undefined {
  const codes = readProfileCodes(icc)
  const isKnown = codes !== undefined && primariesOf(codes.primaries) !== undefined
  return isKnown && typeof transferOf(codes.transfer) === 'object' ? codes : undefined
}

/** Returns author and copyright of the XMP, or of the IPTC. */
function readCredit({ xmp, iptc }: Metadata): Credit {
  const { artist, copyright } = xmp === undefined ? {} : readXmpCredit(xmp)
  const other = iptc === undefined ? {} : readIptcCredit(iptc)
  return { artist: artist ?? other.artist, copyright: copyright ?? other.copyright }
}

/** Returns the XMP that is kept, without the properties that are written anew. */
function selectXmp(
  { xmp }: Metadata,
  { written, ...selection }: Keep & XmpSelection & { readonly written: Written },
  warnings: Set<string>,
): string | undefined {
  if (xmp === undefined || (!selection.xmp && !selection.copyright)) return undefined
  const clean = filterXmp(xmp, { ...selection, only: createChoice(selection, written) })
  // It could hold anything, such as coordinates, or a picture of what was cropped away.
  if (clean === undefined) warnings.add('The XMP is not valid XML and was left out.')
  else if (namesExtension(xmp)) warnings.add('Parts of the XMP are missing in the source.')
  return clean || undefined
}

/** Returns a function that tells which properties are kept; undefined if all are. */
function createChoice({ xmp }: Keep, written: Written): ((name: XmlName) => boolean) | undefined {
  const isReplaced = createReplacedNames(written)
  if (!xmp) return (name) => isCredit(name) && !isReplaced(name)
  return Object.values(written).some((value) => value !== undefined) ? (name) => !isReplaced(name) : undefined
}
