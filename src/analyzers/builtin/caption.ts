import type { Metadata } from 'sharp'
import { defineAnalyzer } from '../define-analyzer.js'
import { openExif } from '../../metadata/exif-reader.js'
import { parseExif } from '../../metadata/exif/parse-exif.js'
import { DATASET, readIptcTexts } from '../../metadata/iptc/read-iptc.js'
import { NAMESPACE } from '../../metadata/xmp/namespaces.js'
import { readXmpProperties, type PropertyName } from '../../metadata/xmp/properties.js'

const IMAGE_DESCRIPTION = 0x010e
/** Texts that Windows adds, in UTF-16. */
const WINDOWS_TITLE = 0x9c9b

const PROPERTIES = {
  title: [NAMESPACE.dc, 'title'],
  headline: [NAMESPACE.photoshop, 'Headline'],
  description: [NAMESPACE.dc, 'description'],
  altText: [NAMESPACE.iptcCore, 'AltTextAccessibility'],
  extendedDescription: [NAMESPACE.iptcCore, 'ExtDescrAccessibility'],
  keywords: [NAMESPACE.dc, 'subject'],
} satisfies Record<string, PropertyName>

const KEYWORDS = 25

/** Names of themselves that cameras write as the description of every picture. */
const CAMERA_FILLING =
  /^(?:(?:olympus|minolta|konica minolta|samsung|pentax|casio|vivitar|jenoptik) (?:digital camera|camera)|sony dsc|digital camera|dcim.*|exif_jpeg_.*|untitled|default|image description|charset=.*)$/i

/** Words about the picture. Missing ones are left out. */
export interface Caption {
  readonly title?: string
  readonly headline?: string
  readonly description?: string
  /** Text that stands for the picture. */
  readonly altText?: string
  /** Longer text for people who do not see the picture. */
  readonly extendedDescription?: string
  readonly keywords?: readonly string[]
}

export const caption = defineAnalyzer({
  name: 'caption',
  summary: 'Title, headline, description, alternative text and keywords from XMP, IPTC or EXIF.',
  analyze: (_image, { metadata }) => readCaption(metadata),
})

/** Reads each text from the XMP, else the IPTC, else the EXIF, which cameras fill with their names. */
function readCaption({ exif: block, xmp, iptc }: Pick<Metadata, 'exif' | 'xmp' | 'iptc'>): Caption {
  const properties = xmp === undefined ? undefined : readXmpProperties(xmp, PROPERTIES)
  const texts = iptc === undefined ? [] : readIptcTexts(iptc)
  const ofIptc = (wanted: number) => texts.filter(({ dataset }) => dataset === wanted).map(({ text }) => text)
  const description = openExif(block)?.image.text(IMAGE_DESCRIPTION)
  const keywords = properties?.keywords.length ? properties.keywords : ofIptc(KEYWORDS)
  const found = {
    title: properties?.title[0] ?? ofIptc(DATASET.title)[0] ?? readWindowsTitle(block),
    headline: properties?.headline[0] ?? ofIptc(DATASET.headline)[0],
    description:
      properties?.description[0] ??
      ofIptc(DATASET.caption)[0] ??
      (description === undefined || CAMERA_FILLING.test(description) ? undefined : description),
    altText: properties?.altText[0],
    extendedDescription: properties?.extendedDescription[0],
    ...(keywords.length > 0 && { keywords }),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

function readWindowsTitle(block: Uint8Array | undefined): string | undefined {
  const value = block && parseExif(block)?.image.get(WINDOWS_TITLE)?.value
  if (value === undefined) return undefined
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf16le')
  return text.split('\0', 1)[0]?.trim() || undefined
}
