/** Namespaces of XMP, which names are compared by: a prefix may be any (XMP Specification Part 2, and Google's formats). */
export const NAMESPACE = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  dc: 'http://purl.org/dc/elements/1.1/',
  note: 'http://ns.adobe.com/xmp/note/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  rights: 'http://ns.adobe.com/xap/1.0/rights/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  iptcCore: 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/',
  plus: 'http://ns.useplus.org/ldf/xmp/1.0/',
  creativeCommons: 'http://creativecommons.org/ns#',
} as const
