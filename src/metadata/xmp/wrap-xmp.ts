import { NAMESPACE } from './namespaces.js'

const PACKET_BEGIN = '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>'

/** Returns a packet with one or more rdf:Description. */
export function wrapXmp(descriptions: string): string {
  const rdf = `<rdf:RDF xmlns:rdf="${NAMESPACE.rdf}">${descriptions}</rdf:RDF>`
  return `${PACKET_BEGIN}<x:xmpmeta xmlns:x="adobe:ns:meta/">${rdf}</x:xmpmeta><?xpacket end="w"?>`
}
