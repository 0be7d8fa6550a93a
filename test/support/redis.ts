import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The server of the tests: `IMGPROC_TEST_REDIS`, such as valkey-server, or redis-server. */
export const REDIS_PROGRAM = process.env['IMGPROC_TEST_REDIS'] || 'redis-server'

/** False if the server (Debian: redis-server) is not installed. Then tests that need it are skipped. */
export const hasRedis = spawnSync(REDIS_PROGRAM, ['--version']).status === 0

/** Title of tests that are skipped without redis-server. */
export const NEEDS_REDIS = hasRedis ? '' : ' (skipped: redis-server is not installed)'

/** A Redis server of its own, in a temporary folder. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  readonly folder: string
  readonly pid: () => number
  /** Ends the server at once, as a power cut does, and keeps its files. */
  readonly kill: () => Promise<void>
  /** Starts it again with its files. */
  readonly restart: () => Promise<void>
  /** Ends the server, and removes its files. */
  readonly stop: () => Promise<void>
}

/**
 * Starts redis-server at a free port.
 *
 * @param args more arguments, such as `['--requirepass', 'secret']`.
 */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'imgproc-redis-'))
  const port = await findPort()
  let child = await launch(port, folder, args)
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    pid: () => child.pid ?? 0,
    kill: end,
    async restart() {
      await end()
      child = await launch(port, folder, args)
    },
    async stop() {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function launch(port: number, folder: string, args: readonly string[]): Promise<ChildProcess> {
  const own = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--daemonize',
    'no',
  ]
  const child = spawn(REDIS_PROGRAM, [...own, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (/Ready to accept connections|Sentinel ID is|Cluster state changed/.test(printed)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${printed}`)))
  })
  return child
}

/** Returns a port that is free. */
export async function findPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo // of a TCP server
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}
