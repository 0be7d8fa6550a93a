import { lookup as resolve } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'

/** Networks that are not reachable from the public internet: IANA's special-purpose registries, and multicast. */
const PRIVATE_IPV4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8], // unspecified, and this network
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // shared address space of carriers (carrier-grade NAT)
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local: includes the metadata services of clouds, which hand out credentials
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // relays of 6to4, no longer in use
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]

/**
 * The IPv6 networks that are reachable. All others are local, reserved, or embed an IPv4 address in a form that is out of
 * use, so that refusing them costs nothing.
 */
const GLOBAL_IPV6: readonly (readonly [network: string, bits: number])[] = [
  ['2000::', 3], // global unicast
  ['64:ff9b::', 96], // NAT64, which embeds an IPv4 address
  ['::ffff:0:0', 96], // IPv4-mapped
]

/** Networks within `GLOBAL_IPV6` that are not. */
const PRIVATE_IPV6: readonly (readonly [network: string, bits: number])[] = [
  ['2001::', 23], // protocol assignments: Teredo, which embeds an IPv4 address, benchmarks, ORCHID
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which embeds an IPv4 address too
  ['3fff::', 20], // documentation
]

const GLOBAL_NETWORKS = createGlobalNetworks()
const PRIVATE_NETWORKS = createPrivateNetworks()

function createGlobalNetworks(): BlockList {
  const list = new BlockList()
  for (const [network, bits] of GLOBAL_IPV6) list.addSubnet(network, bits, 'ipv6')
  return list
}

function createPrivateNetworks(): BlockList {
  const list = new BlockList()
  for (const [network, bits] of PRIVATE_IPV4) {
    list.addSubnet(network, bits, 'ipv4')
    // NAT64: the IPv6 address of an IPv4 host. BlockList handles IPv4-mapped addresses itself.
    list.addSubnet(`64:ff9b::${network}`, 96 + bits, 'ipv6')
  }
  for (const [network, bits] of PRIVATE_IPV6) list.addSubnet(network, bits, 'ipv6')
  return list
}

/**
 * Returns true if an IP address does not belong to the public internet: loopback, private, link-local, unique-local,
 * multicast and so on, including IPv6 addresses that contain such an IPv4 address. A text that is not an IP address
 * counts as private.
 *
 * @example
 * ```ts
 * isPrivateAddress('169.254.169.254') // true
 * isPrivateAddress('93.184.215.14') // false
 * ```
 */
export function isPrivateAddress(address: string): boolean {
  // Without the zone of a link-local address: fe80::1%eth0.
  const [plain = ''] = address.split('%')
  if (isIP(plain) === 0) return true
  if (!isIPv6(plain)) return PRIVATE_NETWORKS.check(plain, 'ipv4')
  return !GLOBAL_NETWORKS.check(plain, 'ipv6') || PRIVATE_NETWORKS.check(plain, 'ipv6')
}

/** The `code` of the error of a connection that was refused because its address is private. */
export const PRIVATE_CODE = 'ERR_PRIVATE_ADDRESS'

/** Pools of connections, for HTTP and HTTPS. */
export interface Agents {
  /** Returns the agent for a URL. Throws if its host is an address that is not allowed. */
  for(url: URL): http.Agent
}

/** Creates agents that connect to any address. */
export function createAgents(): Agents {
  return createAgentPair({ keepAlive: true })
}

/**
 * Creates agents that do not connect to private addresses. The address of a host name is checked in the lookup of the
 * connection itself, so a name server cannot change it between check and use (DNS rebinding).
 */
export function createPublicAgents(isPrivate: (address: string) => boolean): Agents {
  const agents = createAgentPair({ keepAlive: true, lookup: createPublicLookup(isPrivate) })
  return {
    for(url) {
      // No lookup is made for an address.
      const host = url.hostname.replaceAll(/^\[|\]$/g, '')
      if (isIP(host) !== 0 && isPrivate(host)) throw createPrivateAddressError(host)
      return agents.for(url)
    },
  }
}

function createAgentPair(options: https.AgentOptions): Agents {
  const httpAgent = new http.Agent(options)
  const httpsAgent = new https.Agent(options)
  return { for: (url) => (url.protocol === 'https:' ? httpsAgent : httpAgent) }
}

function createPublicLookup(isPrivate: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) callback(error ?? createPrivateAddressError(hostname), '')
      // One private address is enough to refuse: Node chooses among the addresses.
      else if (addresses.some(({ address }) => isPrivate(address)))
        callback(createPrivateAddressError(hostname), '')
      else if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function createPrivateAddressError(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has a private address.`), { code: PRIVATE_CODE })
}
