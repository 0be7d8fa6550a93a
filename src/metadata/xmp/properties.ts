import { decodeXmp } from './filter-xmp.js'
import { decodeEntities, scanXml } from './scan-xml.js'

/** Namespace and local name of a property. */
export type PropertyName = readonly [namespace: string, local: string]

/** Reads the texts of properties: attributes and elements, and all items of lists. XMP that is damaged is read up to there. */
export function readXmpProperties<Key extends string>(
  xmp: Uint8Array,
  wanted: Readonly<Record<Key, PropertyName>>,
): Readonly<Record<Key, readonly string[]>> {
  const text = decodeXmp(xmp)
  const names = Object.entries<PropertyName>(wanted)
  const found = Object.fromEntries(names.map(([key]) => [key, [] as string[]])) as Record<Key, string[]> // the same keys
  const keyOf = ({ namespace, local }: { readonly namespace: string; readonly local: string }) =>
    names.find(([, name]) => name[0] === namespace && name[1] === local)?.[0] as Key | undefined // a key of `wanted`
  let property: Key | undefined
  let depth = 0
  let current = ''
  const finish = () => {
    if (property !== undefined && current.trim() !== '') found[property].push(current.trim())
    current = ''
  }
  for (const token of scanXml(text ?? '')) {
    if (token.type === 'invalid') break
    if (token.type === 'start') {
      for (const attribute of token.attributes) {
        const key = keyOf(attribute)
        if (key !== undefined) found[key].push(decodeEntities(attribute.value).trim())
      }
      if (token.isEmpty) continue
      if (property !== undefined) depth++
      else property = keyOf(token)
      current = ''
    } else if (token.type === 'end' && property !== undefined) {
      finish()
      if (depth === 0) property = undefined
      else depth--
    } else if (property === undefined) continue
    else if (token.type === 'text') current += decodeEntities(text?.slice(token.start, token.end) ?? '')
    else if (token.type === 'cdata') current += text?.slice(token.start + 9, token.end - 3) ?? ''
  }
  return found
}
