import { NAMESPACE } from './namespaces.js'
import { declaredPrefix, type XmlAttribute, type XmlName } from './scan-xml.js'

/** Place of a start tag in a packet: a description is below rdf:RDF, a property below a description. */
export type XmpLevel = 'around' | 'description' | 'property' | 'inside'

/** Follows the levels of start and end tags. */
export interface XmpLevels {
  /** Returns the level of a start tag, before it counts. */
  readonly enter: (name: XmlName, isEmpty: boolean) => XmpLevel
  readonly leave: () => void
  /** Returns true behind the start tag of a property and before its end. */
  readonly isInProperty: () => boolean
}

export function trackLevels(): XmpLevels {
  let depth = 0
  let rdfDepth = Infinity
  return {
    enter({ namespace, local }, isEmpty) {
      const above = depth - rdfDepth
      if (rdfDepth === Infinity && namespace === NAMESPACE.rdf && local === 'RDF' && !isEmpty)
        rdfDepth = depth
      if (!isEmpty) depth++
      if (!(above >= 1)) return 'around'
      return above === 1 ? 'description' : above === 2 ? 'property' : 'inside'
    },
    leave() {
      depth--
      if (depth === rdfDepth) rdfDepth = Infinity
    },
    isInProperty: () => depth - rdfDepth > 2,
  }
}

/** Returns true if an attribute of a description is a property: neither a declaration nor a part of RDF or XML. */
export function isProperty({ name, namespace }: XmlAttribute): boolean {
  return declaredPrefix(name) === undefined && namespace !== '' && namespace !== NAMESPACE.rdf
}
