import { lookup as resolve } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'

/** Networks that nobody reaches from the public internet: IANA's special-purpose registries, and multicast. */
const PRIVATE_IPV4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8], // unspecified, and this network
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carriers' own
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local: clouds keep credentials there
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24], // documentation
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]

const PRIVATE_IPV6: readonly (readonly [network: string, bits: number])[] = [
  ['::', 96], // unspecified, loopback, and IPv4 written the old way
  ['64:ff9b:1::', 48], // translation to local IPv4
  ['100::', 64], // discarded
  ['2001::', 32], // Teredo, which hides an IPv4 address
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which hides one too
  ['fc00::', 7], // unique local
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local
  ['ff00::', 8], // multicast
]

const PRIVATE = listPrivate()

function listPrivate(): BlockList {
  const list = new BlockList()
  for (const [network, bits] of PRIVATE_IPV4) {
    list.addSubnet(network, bits, 'ipv4')
    // The address that a network without IPv4 has for it. Those in ::ffff:0:0/96 the list knows by itself.
    list.addSubnet(`64:ff9b::${network}`, 96 + bits, 'ipv6')
  }
  for (const [network, bits] of PRIVATE_IPV6) list.addSubnet(network, bits, 'ipv6')
  return list
}

/**
 * Whether an IP address is none of the public internet's: loopback, private, link-local, unique-local, multicast
 * and the like, also where it is an IPv4 address in IPv6's clothes. What is no address at all counts as private.
 *
 * @example
 * ```ts
 * isPrivateAddress('169.254.169.254') // true
 * isPrivateAddress('93.184.215.14') // false
 * ```
 */
export function isPrivateAddress(address: string): boolean {
  // The zone of a link-local address, fe80::1%eth0, is no part of it.
  const [plain = ''] = address.split('%')
  if (isIP(plain) === 0) return true
  return PRIVATE.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
}

/** The `code` of the error of a connection that was not made, because its address is private. */
export const PRIVATE_CODE = 'ERR_PRIVATE_ADDRESS'

/** Connections that are kept for the next request. */
export interface Agents {
  /** The agent for a URL. Throws where its host is an address that may not be reached. */
  for(url: URL): http.Agent
}

/** Agents that connect to any address. */
export function createAgents(): Agents {
  return pairOf({ keepAlive: true })
}

/**
 * Agents that connect to no private address. A name is checked by what it resolves to for the very connection,
 * so that a name server that changes its answer between check and use gains nothing.
 */
export function createGuardedAgents(isPrivate: (address: string) => boolean): Agents {
  const agents = pairOf({ keepAlive: true, lookup: createGuardedLookup(isPrivate) })
  return {
    for(url) {
      // An address needs no lookup.
      const host = url.hostname.replaceAll(/^\[|\]$/g, '')
      if (isIP(host) !== 0 && isPrivate(host)) throw refuse(host)
      return agents.for(url)
    },
  }
}

function pairOf(options: https.AgentOptions): Agents {
  const plain = new http.Agent(options)
  const secure = new https.Agent(options)
  return { for: (url) => (url.protocol === 'https:' ? secure : plain) }
}

function createGuardedLookup(isPrivate: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) callback(error ?? refuse(hostname), '')
      // One private address among others is refused as well: which one is taken is up to chance.
      else if (addresses.some(({ address }) => isPrivate(address))) callback(refuse(hostname), '')
      else if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function refuse(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has a private address.`), { code: PRIVATE_CODE })
}
