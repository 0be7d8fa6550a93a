import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** Finds the address of a client. */
export type FindAddress = (peer: string | undefined, forwardedFor: string | undefined) => string | undefined

/**
 * Returns a function that finds the address of a client. `X-Forwarded-For` counts only if the connection comes from a
 * trusted proxy, and in it only the entries that trusted proxies have appended: anyone can write the others.
 *
 * @param trusted addresses and networks, such as `10.0.0.0/8`.
 */
export function createAddressFinder(trusted: readonly string[]): FindAddress {
  const proxies = toBlockList(trusted)
  return (peer, forwardedFor) => {
    let address = peer === undefined ? undefined : toPlainAddress(peer)
    if (forwardedFor === undefined || trusted.length === 0) return address
    for (const entry of forwardedFor.split(',').toReversed()) {
      if (address === undefined || !proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) break
      const before = toPlainAddress(entry)
      if (before === undefined) break
      address = before
    }
    return address
  }
}

/** True if a text is an address or a network, such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  if (isIP(address) === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128))
}

function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** Returns an address without port, brackets and zone, and an IPv4-mapped address as IPv4. */
function toPlainAddress(entry: string): string | undefined {
  const text = entry.trim()
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ?? []
  const [, withPort] = /^([\d.]+):\d+$/.exec(text) ?? []
  const address = (bracketed ?? withPort ?? text).replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '')
  return isIP(address) === 0 ? undefined : address
}

/**
 * Returns the key by which an address is limited: the first 64 bits of an IPv6 address, since a client has the rest to
 * choose from.
 */
export function toRateKey(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const end = tail === undefined || tail === '' ? [] : tail.split(':')
  // A dotted IPv4 address at the end stands for two groups; the first 64 bits never reach it.
  const length = groups.length + end.length + (end.at(-1)?.includes('.') === true ? 1 : 0)
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - length)
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...end]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
