import { decodeXmp } from './filter-xmp.js'
import { decodeEntities, scanXml } from './scan-xml.js'
import { NAMESPACE } from './unwanted.js'

/** Author and copyright of a picture. */
export interface Credit {
  readonly artist?: string | undefined
  readonly copyright?: string | undefined
}

/** Reads dc:creator and dc:rights. Several creators are joined as in EXIF. The first of several languages counts. */
export function readXmpCredit(xmp: Uint8Array): Credit {
  const text = decodeXmp(xmp)
  const found = { creator: [] as string[], rights: [] as string[] }
  let property: keyof typeof found | undefined
  let depth = 0
  let current = ''
  const finish = () => {
    if (property !== undefined && current.trim() !== '') found[property].push(current.trim())
    current = ''
  }
  for (const token of scanXml(text ?? '')) {
    if (token.type === 'invalid') break
    if (token.type === 'start') {
      for (const { namespace, local, value } of token.attributes)
        if (namespace === NAMESPACE.dc && isCredit(local)) found[local].push(decodeEntities(value).trim())
      if (token.isEmpty) continue
      if (property !== undefined) depth++
      else if (token.namespace === NAMESPACE.dc && isCredit(token.local)) property = token.local
      current = ''
    } else if (token.type === 'end' && property !== undefined) {
      finish()
      if (depth === 0) property = undefined
      else depth--
    } else if (property === undefined) continue
    else if (token.type === 'text') current += decodeEntities(text?.slice(token.start, token.end) ?? '')
    else if (token.type === 'cdata') current += text?.slice(token.start + 9, token.end - 3) ?? ''
  }
  return { artist: found.creator.join('; ') || undefined, copyright: found.rights[0] || undefined }
}

function isCredit(name: string): name is 'creator' | 'rights' {
  return name === 'creator' || name === 'rights'
}
