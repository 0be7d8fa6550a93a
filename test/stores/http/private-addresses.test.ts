import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { isPrivateAddress } from '../../../src/stores/http/private-addresses.js'
import { createHttpStore } from '../../../src/stores/http/store.js'
import { serve } from './server.js'

const PRIVATE = [
  '0.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.254',
  '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.168.0.1', '198.18.0.1', '224.0.0.1',
  '239.255.255.255', '240.0.0.1', '255.255.255.255',
  '::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.1.2.3', '::FFFF:A9FE:A9FE',
  '64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::1', '100::1', '2001:0:1::1', '2001:db8::1',
  '2002:7f00:1::', '::ffff:0:127.0.0.1', '2001:2::1', '3fff::1', '4000::1', '5f00::1', '8000::1', '192.88.99.1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1', 'ff02::1',
  '', 'localhost', '127.1',
] // prettier-ignore

const PUBLIC = [
  '1.1.1.1', '9.255.255.255', '11.0.0.0', '93.184.215.14', '100.63.255.255', '100.128.0.0', '128.0.0.1',
  '169.253.255.255', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '223.255.255.255',
  '2606:4700:4700::1111', '2001:4860:4860::8888', '3ffe::1', '2a00:1450:4001::1', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1',
] // prettier-ignore

describe('isPrivateAddress', () => {
  it.each(PRIVATE)('returns true for %j', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  it.each(PUBLIC)('returns false for %j', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })
})

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)

describe('the HTTP store with allowPrivate: false', () => {
  const store = createHttpStore({ allowPrivate: false })

  it.each<readonly [how: string, listening: string, host: string]>([
    ['an address', '127.0.0.1', '127.0.0.1'],
    ['an address written as a number', '127.0.0.1', '2130706433'],
    ['an address written in hexadecimal', '127.0.0.1', '0x7f.1'],
    ['the unspecified address', '127.0.0.1', '0.0.0.0'],
    ['an IPv4 address in brackets', '127.0.0.1', '[::ffff:127.0.0.1]'],
    ['a name that resolves to one', '127.0.0.1', 'localhost'],
    ['a name with a dot at its end', '127.0.0.1', 'localhost.'],
    ...(hasIPv6 ? ([['an IPv6 address', '::1', '[::1]']] as const) : []),
  ])('never connects to this machine by %s', async (_, listening, host) => {
    const server = await serve((_request, response) => response.end('secret'), listening)
    const url = `http://${host}:${new URL(server.url).port}/a.jpg?key=1`
    // Some resolvers do not know a name with a dot at its end.
    const code = expect.stringMatching(host.endsWith('.') ? /^ACCESS_DENIED|READ_FAILED$/ : /^ACCESS_DENIED$/)
    await expect(store.read(url)).rejects.toMatchObject({ code })
    await expect(store.stat(url)).rejects.toMatchObject({ code })
    expect(server.connections()).toBe(0)
  })

  it('reports a private address without revealing the address of a host name', async () => {
    await expect(store.read('http://localhost:1/a.jpg?key=1')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      stage: 'read',
      retryable: false,
      path: 'http://localhost:1/a.jpg',
      message: expect.stringMatching(
        /^"http:\/\/localhost:1\/a\.jpg" can't be read: it leads to a private address/,
      ),
    })
  })

  it('checks the address of a host name for each connection', async () => {
    const checked: string[] = []
    let isMoved = false
    const rebound = createHttpStore({
      allowPrivate: false,
      // Simulates a name that is public at first and private later.
      isPrivate: (address) => checked.push(address) > 0 && isMoved,
    })
    const server = await serve((_, response) => response.end('a'))
    const url = `http://localhost:${new URL(server.url).port}`
    await rebound.read(url)
    isMoved = true
    expect(checked).toContain('127.0.0.1')
    await server.close()
    await expect(rebound.read(url)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })
})

// Only Linux has further loopback addresses by default.
describe.runIf(process.platform === 'linux')('a redirect', () => {
  // In these tests, 127.0.0.2 is the public internet.
  const isPrivate = (address: string) => address !== '127.0.0.2'

  it('from a public server to a private address is refused, even if private addresses are allowed', async () => {
    const inside = await serve((_, response) => response.end('secret'))
    const outside = await serve(({ url }, response) => {
      const location = url === '/a' ? '/b' : `${inside.url}/key`
      response.writeHead(302, { location }).end()
    }, '127.0.0.2')
    const store = createHttpStore({ isPrivate })
    // An open connection must not be reused to bypass the check.
    expect(await store.read(inside.url)).toHaveLength(6)
    for (const path of ['/a', '/b']) {
      await expect(store.read(outside.url + path)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    }
    await expect(createHttpStore({ isPrivate, allowPrivate: false }).read(outside.url)).rejects.toMatchObject(
      {
        code: 'ACCESS_DENIED',
      },
    )
    expect(inside.requests).toHaveLength(1)
  })

  it('is followed from a public to a public server, and from a private server to any', async () => {
    const outside = await serve((_, response) => response.end('public'), '127.0.0.2')
    const other = await serve(
      (_, response) => response.writeHead(302, { location: outside.url }).end(),
      '127.0.0.2',
    )
    const within = await serve((_, response) => response.end('private'))
    const inside = await serve(({ url }, response) => {
      response.writeHead(302, { location: url === '/in' ? within.url : outside.url }).end()
    })
    const strict = createHttpStore({ isPrivate, allowPrivate: false })
    expect(Buffer.from(await strict.read(other.url)).toString()).toBe('public')
    const store = createHttpStore({ isPrivate })
    expect(Buffer.from(await store.read(`${inside.url}/in`)).toString()).toBe('private')
    expect(Buffer.from(await store.read(`${inside.url}/out`)).toString()).toBe('public')
  })
})
