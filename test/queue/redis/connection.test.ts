import { execFileSync, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeAddress, readAddress, type QueueAddress } from '../../../src/queue/redis/address.js'
import { connect } from '../../../src/queue/redis/connection.js'
import { createLoadError, loadLibraries } from '../../../src/queue/libraries.js'
import { makeProject } from '../../support/project.js'
import {
  findPort,
  hasRedis,
  NEEDS_REDIS,
  REDIS_PROGRAM,
  startRedis,
  type RedisServer,
} from '../../support/redis.js'

async function redis(args: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis(args)
  onTestFinished(() => server.stop())
  return server
}

/** Connects and asks for an answer. */
async function ping(address: QueueAddress): Promise<unknown> {
  const client = await connect(address, await loadLibraries())
  try {
    return await client.ping()
  } finally {
    client.disconnect()
  }
}

async function failure(address: QueueAddress): Promise<unknown> {
  return ping(address).then(
    () => 'connected',
    (error: unknown) => error,
  )
}

const unavailable = (text: string | RegExp) =>
  expect.objectContaining({ code: 'QUEUE_UNAVAILABLE', message: expect.stringMatching(text) })

describe.skipIf(!hasRedis)(`a connection${NEEDS_REDIS}`, () => {
  it('is made with a password, a user of an ACL and a database', async () => {
    const server = await redis([
      '--requirepass',
      'p@ss/word',
      '--user',
      'worker',
      'on',
      '>s3cret',
      '~*',
      '+@all',
    ])
    const { port } = server
    expect(await ping(`redis://:${encodeURIComponent('p@ss/word')}@127.0.0.1:${port}`)).toBe('PONG')
    expect(await ping(`redis://worker:s3cret@127.0.0.1:${port}/3`)).toBe('PONG')
    expect(await ping({ host: '127.0.0.1', port, username: 'worker', password: 's3cret', db: 2 })).toBe(
      'PONG',
    )
    const wrong = await failure(`redis://worker:wrong@127.0.0.1:${port}`)
    expect(wrong).toEqual(
      unavailable(`^Redis at 127.0.0.1:${port} cannot be used: it refuses this user or password.$`),
    )
    expect(await failure(server.url)).toEqual(unavailable('it wants a password'))
  })

  it('is made over TLS', async () => {
    const project = await makeProject()
    const [key, cert] = [project.at('key.pem'), project.at('cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const clientFiles = ['-keyout', key, '-out', cert, '-days', '2']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...clientFiles, ...subject], {
      stdio: 'ignore',
    })
    const tlsPort = await findPort()
    const serverFiles = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert]
    await redis(['--tls-port', String(tlsPort), ...serverFiles, '--tls-auth-clients', 'no'])
    const ca = await readFile(cert, 'utf8')
    expect(await ping({ host: 'localhost', port: tlsPort, tls: { ca } })).toBe('PONG')
    expect(await failure(`rediss://localhost:${tlsPort}`)).toEqual(unavailable('self-signed certificate'))
  })

  it('is made to the master that a sentinel names', async () => {
    const master = await redis()
    const project = await makeProject()
    const file = project.at('sentinel.conf')
    const port = await findPort()
    await writeFile(
      file,
      `port ${port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 ${master.port} 1\nsentinel down-after-milliseconds main 1000\n`,
    )
    const sentinel = await startSentinel(file)
    onTestFinished(sentinel)
    const sentinels = [{ host: '127.0.0.1', port }]
    expect(await ping({ sentinels, name: 'main' })).toBe('PONG')
    expect(await failure({ sentinels, name: 'other' })).toEqual(unavailable('sentinels'))
  })

  it('is made to a cluster', async () => {
    const server = await redis(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'])
    const admin = new Redis(server.port, '127.0.0.1')
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await expect.poll(() => admin.call('CLUSTER', 'INFO')).toContain('cluster_state:ok')
    admin.disconnect()
    expect(await ping({ nodes: [{ host: '127.0.0.1', port: server.port }] })).toBe('PONG')
  })

  it('is refused by a server that would drop jobs, or only reads', async () => {
    const server = await redis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'])
    expect(await failure(server.url)).toEqual(
      unavailable(/maxmemory-policy allkeys-lru .* CONFIG SET maxmemory-policy noeviction/),
    )
    const replica = await redis(['--replicaof', '127.0.0.1', String(server.port)])
    expect(await failure(replica.url)).toEqual(unavailable('is a replica, which only reads'))
  })
})

describe('a connection', () => {
  it('that nobody answers is an error of one sentence', async () => {
    const port = await findPort()
    expect(await failure(`redis://:word@127.0.0.1:${port}`)).toEqual(
      unavailable(`^Redis at 127.0.0.1:${port} cannot be used: connect ECONNREFUSED [^ ]+. Is it running`),
    )
  })

  it('without its packages says what to install', () => {
    expect(createLoadError(new Error("Cannot find package 'bullmq'"))).toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('npm install bullmq ioredis'),
    })
  })
})

describe('the address of a queue', () => {
  it('is a URL, or a file with options of ioredis', async () => {
    const project = await makeProject()
    const sentinels = [{ host: 's1', port: 26379 }]
    await project.write('sentinel.json', JSON.stringify({ sentinels, name: 'main', password: 'word' }))
    await project.write(
      'cluster.json',
      JSON.stringify({ nodes: [{ host: 'n1', port: 7000 }, { host: 'n2' }] }),
    )
    const described = []
    for (const text of [
      'redis://me:word@h:1/2',
      'rediss://h',
      project.at('sentinel.json'),
      project.at('cluster.json'),
    ])
      described.push(describeAddress(await readAddress(text)))
    expect(described).toEqual(['h:1/2', 'h', 'main, which s1:26379 name', 'the cluster at n1:7000, n2'])
    expect(described.join()).not.toContain('word')
  })

  it.each([
    ['http://host', 'only redis:// and rediss:// URLs are known'],
    ['redis://:a b@host:x', 'cannot be parsed'],
    ['redis://host/images', 'must be the number of a database'],
    ['missing.json', 'there is no such file'],
  ])('is not %s', async (text, message) => {
    await expect(readAddress(text)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_USAGE', message: expect.stringContaining(message) }),
    )
  })

  it.each([
    [{ sentinels: [{ host: 's1' }] }, 'name: expected the name of the master'],
    [{ nodes: [] }, 'nodes: expected a length of at least 1'],
    [{ port: 'x' }, 'port: expected'],
  ])('is not a file with %j', async (content, message) => {
    const project = await makeProject()
    await project.write('redis.json', JSON.stringify(content))
    await expect(readAddress(project.at('redis.json'))).rejects.toThrow(message)
  })
})

/** Starts a sentinel with its config file. Returns a function that ends it. */
async function startSentinel(file: string): Promise<() => void> {
  const child = spawn(REDIS_PROGRAM, [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('+monitor')) resolve()
    })
  })
  return () => void child.kill('SIGKILL')
}
