import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { isPrivateAddress } from '../../src/stores/http/private-addresses.js'
import { createHttpStore } from '../../src/stores/http/store.js'
import { serve } from '../stores/http/server.js'
import { recordAttempts, scriptNames } from './network-attempts.js'

/** Hosts of URLs that a user could upload. All lead to this machine, to its network, or nowhere. */
const PRIVATE_HOSTS = [
  // The networks of the guard.
  '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.254', '100.64.0.1', '100.127.255.254', '127.0.0.1', '127.255.255.254',
  '169.254.169.254', '169.254.170.2', '172.16.0.1', '172.31.255.254', '192.0.0.192', '192.0.2.1', '192.88.99.1',
  '192.168.0.1', '192.168.255.254', '198.18.0.1', '198.19.255.254', '198.51.100.1', '203.0.113.1', '224.0.0.1',
  '239.255.255.250', '240.0.0.1', '255.255.255.255',
  // The same addresses, written as decimal, octal and hexadecimal numbers, with fewer parts, and with a dot at the end.
  '2130706433', '0x7f000001', '017700000001', '0177.0.0.1', '0x7f.0.0.1', '127.1', '127.0.1', '127.0.0.1.', '0',
  '2852039166', '0xa9fea9fe', '0xA9.254.0xa9.254', '3232235521', '0300.0250.0.1',
  // Written in characters that a URL parser turns into digits and dots.
  '%31%32%37.0.0.1', '１２７.０.０.１', '127。0。0。1', '①②⑦.0.0.1',
  // IPv6.
  '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[0000:0000:0000:0000:0000:0000:0000:0001]', '[fe80::1]', '[febf::1]',
  '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]', '[ff05::2]', '[100::1]', '[2001:db8::1]', '[3fff::1]',
  '[5f00::1]', '[4000::1]', '[2001:2::1]', '[2001:20::1]',
  // IPv4 within IPv6: mapped, compatible, translated, NAT64, 6to4 and Teredo.
  '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:169.254.169.254]', '[0:0:0:0:0:ffff:10.0.0.1]',
  '[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]', '[::ffff:0:a9fe:a9fe]', '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]', '[64:ff9b::192.168.0.1]', '[64:ff9b:1::1]', '[64:ff9b:1::127.0.0.1]', '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]', '[2001:0:7f00:1::]', '[2001::80ff:fffe]',
] // prettier-ignore

/** Names that lead to this machine on many machines, and on others nowhere. */
const PRIVATE_NAMES = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'ip6-localhost',
  'sub.localhost',
  '%6cocalhost',
]

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)

describe('a URL of an untrusted user', () => {
  const store = createHttpStore({ allowPrivate: false })

  it.each(PRIVATE_HOSTS)('reaches nothing at %s', async (host) => {
    const server = await serve((_, response) => response.end('secret'))
    const attempts = recordAttempts()
    const { port } = new URL(server.url)
    for (const url of [
      `http://${host}:${port}/a.jpg`,
      `https://${host}:${port}/a.jpg`,
      `http://${host}/a.jpg`,
    ]) {
      await expect(store.read(url)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
      await expect(store.stat(url)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    }
    expect(attempts).toEqual([])
    expect(server.connections()).toBe(0)
  })

  it.each(PRIVATE_NAMES)('reaches nothing at the name %s', async (name) => {
    const servers = [await serve((_, response) => response.end('secret'))]
    if (hasIPv6) servers.push(await serve((_, response) => response.end('secret'), '::1'))
    const attempts = recordAttempts()
    for (const { url } of servers) {
      // A machine may not know the name.
      await expect(store.read(`http://${name}:${new URL(url).port}/a.jpg`)).rejects.toMatchObject({
        code: expect.stringMatching(/^(ACCESS_DENIED|READ_FAILED)$/),
      })
    }
    expect(attempts).toEqual([])
    expect(servers.map((server) => server.connections())).toEqual(servers.map(() => 0))
  })

  it.each<readonly [how: string, toUrl: (host: string) => string]>([
    ['a user that looks like a host', (host) => `http://img.example@${host}/a.jpg`],
    ['a user and a password that look like host and port', (host) => `http://img.example:443@${host}/a.jpg`],
    ['two at signs', (host) => `http://img.example@img.example@${host}/a.jpg`],
    ['an escaped slash in the user', (host) => `http://img.example%2F@${host}/a.jpg`],
    ['a backslash after the host', (host) => `http://${host}\\@img.example/a.jpg`],
    ['a fragment that looks like a host', (host) => `http://${host}#@img.example/a.jpg`],
    ['backslashes for slashes', (host) => `http:\\\\${host}\\a.jpg`],
    ['one slash', (host) => `http:/${host}/a.jpg`],
    ['no slashes', (host) => `http:${host}/a.jpg`],
    ['five slashes', (host) => `http://///${host}/a.jpg`],
    ['capitals in the scheme', (host) => `HTTP://${host}/a.jpg`],
    ['a tab within the host', (host) => `http://1\t${host.slice(1)}/a.jpg`],
    ['a line break before the scheme', (host) => `\n http://${host}/a.jpg`],
  ])('reaches nothing by %s', async (_, toUrl) => {
    const server = await serve((_request, response) => response.end('secret'))
    const attempts = recordAttempts()
    const url = toUrl(new URL(server.url).host)
    await expect(store.read(url)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(attempts).toEqual([])
    expect(server.connections()).toBe(0)
  })

  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/a.jpg',
    'gopher://127.0.0.1:70/',
    'data:text/plain,a',
    'a.jpg',
  ])('reads nothing of %s', async (url) => {
    const attempts = recordAttempts()
    await expect(store.read(url)).rejects.toMatchObject({
      code: expect.stringMatching(/^(ACCESS_DENIED|INVALID_USAGE|INPUT_NOT_FOUND)$/),
    })
    expect(attempts).toEqual([])
  })

  it.each(PRIVATE_HOSTS.filter((host) => /^[\d.]+$/.test(host) && host.split('.').length === 4))(
    'reaches nothing by a name that resolves to %s',
    async (address) => {
      const attempts = recordAttempts()
      scriptNames({ 'img.example': [[address]], 'both.example': [['93.184.215.14', address]] })
      for (const name of ['img.example', 'both.example'])
        await expect(store.read(`http://${name}/a.jpg`)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
      expect(attempts).toEqual([])
    },
  )

  it('is what the connections of these tests are counted by', async () => {
    const server = await serve((_, response) => response.end('public'))
    const attempts = recordAttempts()
    scriptNames({ 'img.example': [['127.0.0.1']] })
    const open = createHttpStore()
    await open.read(`http://img.example:${new URL(server.url).port}/a.jpg`)
    await open.read(`http://2130706433:${new URL(server.url).port}/a.jpg`)
    expect(attempts).toEqual(['127.0.0.1', '127.0.0.1'])
    expect(server.connections()).toBe(2)
  })
})

// Only Linux has further loopback addresses by default. In these tests, 127.0.0.2 and 127.0.0.3 are the public internet.
describe.runIf(process.platform === 'linux')('a public server', () => {
  const PUBLIC = ['127.0.0.2', '127.0.0.3']
  const isPrivate = (address: string) => !PUBLIC.includes(address) && isPrivateAddress(address)
  const createStore = () => createHttpStore({ allowPrivate: false, isPrivate })

  it('whose name is private when it is asked again is not asked again', async () => {
    const outside = await serve(
      (_, response) => response.setHeader('connection', 'close').end('a'),
      PUBLIC[0],
    )
    const { port } = new URL(outside.url)
    const inside = await serve((_, response) => response.end('secret'))
    const attempts = recordAttempts()
    const looked = scriptNames({
      'img.example': [['127.0.0.2'], ['127.0.0.1'], ['127.0.0.2', '127.0.0.1'], ['::1']],
    })
    const store = createStore()
    expect(await store.read(`http://img.example:${port}/a.jpg`)).toHaveLength(1)
    // One lookup for check and connection: there is no time between them.
    expect(looked).toHaveLength(1)
    for (const _ of [1, 2, 3])
      await expect(store.read(`http://img.example:${new URL(inside.url).port}/a.jpg`)).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
      })
    expect(looked).toHaveLength(4)
    expect(attempts).toEqual(['127.0.0.2'])
    expect(inside.connections()).toBe(0)
  })

  it('whose name becomes private between two attempts of one request is not asked again', async () => {
    const inside = await serve((_, response) => response.end('secret'))
    const outside = await serve((_, response) => {
      response.writeHead(503, { connection: 'close' }).end()
    }, PUBLIC[0])
    const attempts = recordAttempts()
    const looked = scriptNames({ 'img.example': [['127.0.0.2'], ['127.0.0.1']] })
    const url = `http://img.example:${new URL(outside.url).port}/a.jpg`
    await expect(createStore().read(url)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(looked).toHaveLength(2)
    expect(attempts).toEqual(['127.0.0.2'])
    expect(inside.connections()).toBe(0)
  })

  it.each<readonly [where: string, toLocation: (port: string) => string]>([
    ['a private address', (port) => `http://127.0.0.1:${port}/key`],
    ['a private address by HTTPS', (port) => `https://127.0.0.1:${port}/key`],
    ['a private address without a scheme', (port) => `//127.0.0.1:${port}/key`],
    ['a private address with backslashes', (port) => `\\\\127.0.0.1:${port}\\key`],
    ['a private address with a user', (port) => `http://img.example@127.0.0.1:${port}/key`],
    ['a decimal number', (port) => `http://2130706433:${port}/key`],
    ['an octal number', (port) => `http://0177.1:${port}/key`],
    ['a hexadecimal number', (port) => `http://0x7f.1:${port}/key`],
    ['the unspecified address', (port) => `http://0.0.0.0:${port}/key`],
    ['an IPv6 address', (port) => `http://[::1]:${port}/key`],
    ['an IPv4-mapped address', (port) => `http://[::ffff:127.0.0.1]:${port}/key`],
    ['an IPv4-translated address', (port) => `http://[::ffff:0:127.0.0.1]:${port}/key`],
    ['a NAT64 address', (port) => `http://[64:ff9b::7f00:1]:${port}/key`],
    ['a 6to4 address', (port) => `http://[2002:7f00:1::]:${port}/key`],
    ['the metadata service of a cloud', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a name of a private address', (port) => `http://inside.example:${port}/key`],
    ['a name of a public and a private address', (port) => `http://both.example:${port}/key`],
    ['a name that is private at its second lookup', (port) => `http://img.example:${port}/key`],
    ['another public server that redirects to a private one', () => '/again'],
  ])('that redirects to %s leads nowhere', async (_, toLocation) => {
    const inside = await serve((_request, response) => response.end('secret'))
    const { port } = new URL(inside.url)
    const other = await serve((_request, response) => {
      response.writeHead(307, { location: `${inside.url}/key` }).end()
    }, PUBLIC[1])
    const outside = await serve(({ url }, response) => {
      const location = url === '/again' ? other.url : toLocation(port)
      const statuses = [301, 302, 303, 307, 308]
      response.writeHead(statuses[Number(url?.slice(1)) % statuses.length] ?? 302, { location }).end()
    }, PUBLIC[0])
    const attempts = recordAttempts()
    scriptNames({
      'img.example': [['127.0.0.2'], ['127.0.0.1']],
      'inside.example': [['127.0.0.1']],
      'both.example': [['127.0.0.2', '127.0.0.1']],
    })
    const store = createStore()
    await expect(store.read(`http://img.example:${new URL(outside.url).port}/0`)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    })
    for (const path of ['/1', '/2', '/3', '/4']) {
      await expect(store.read(outside.url + path)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
      await expect(store.stat(outside.url + path)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    }
    expect(attempts.filter((address) => !PUBLIC.includes(address))).toEqual([])
    expect(inside.connections()).toBe(0)
  })

  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/a',
    'data:text/plain,a',
    'javascript:alert(1)',
    'http://[::',
  ])('that redirects to %s leads nowhere', async (location) => {
    const outside = await serve((_, response) => response.writeHead(302, { location }).end(), PUBLIC[0])
    const attempts = recordAttempts()
    await expect(createStore().read(outside.url)).rejects.toMatchObject({ code: 'READ_FAILED' })
    expect(attempts).toEqual(['127.0.0.2'])
  })
})
