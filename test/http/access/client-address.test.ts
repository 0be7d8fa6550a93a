import { describe, expect, it } from 'vitest'
import { createAddressFinder, isNetwork, toRateKey } from '../../../src/http/access/client-address.js'

describe('createAddressFinder', () => {
  const find = createAddressFinder(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])

  it.each<
    readonly [
      what: string,
      peer: string | undefined,
      forwarded: string | undefined,
      found: string | undefined,
    ]
  >([
    ['the peer without a proxy', '198.51.100.7', undefined, '198.51.100.7'],
    ['the peer if it is not trusted, whatever it says', '198.51.100.7', '1.2.3.4', '198.51.100.7'],
    ['the entry of a trusted proxy', '10.1.2.3', '1.2.3.4', '1.2.3.4'],
    ['the last entry before the trusted proxies', '10.1.2.3', '9.9.9.9, 1.2.3.4, 192.0.2.1', '1.2.3.4'],
    ['the first entry if all are trusted', '10.1.2.3', '10.0.0.1,10.0.0.2', '10.0.0.1'],
    ['the proxy if its entry is no address', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['the last proxy before an entry that is no address', '10.1.2.3', '1.2.3.4, x, 10.0.0.9', '10.0.0.9'],
    ['an address without its port', '10.1.2.3', '1.2.3.4:5678', '1.2.3.4'],
    ['an IPv6 address without brackets and port', '10.1.2.3', '[2001:db8::7]:443', '2001:db8::7'],
    ['the entry of an IPv4-mapped proxy', '::ffff:10.1.2.3', '1.2.3.4', '1.2.3.4'],
    ['the entry of an IPv6 proxy', 'fd00::1', '1.2.3.4', '1.2.3.4'],
    ['nothing if the peer is unknown', undefined, '1.2.3.4', undefined],
  ])('finds %s', (_, peer, forwarded, found) => {
    expect(find(peer, forwarded)).toBe(found)
  })

  it('trusts nobody without a list', () => {
    expect(createAddressFinder([])('127.0.0.1', '1.2.3.4')).toBe('127.0.0.1')
  })
})

describe('isNetwork', () => {
  it.each(['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'])('accepts %s', (text) => {
    expect(isNetwork(text)).toBe(true)
  })

  it.each(['', 'proxy', '10.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', '10.0.0.0/x'])(
    'refuses %j',
    (text) => {
      expect(isNetwork(text)).toBe(false)
    },
  )
})

describe('toRateKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2::4:5:6:192.0.2.1', '1:2:0:4::/64'],
  ])('limits %s as %s', (address, key) => {
    expect(toRateKey(address)).toBe(key)
  })
})
