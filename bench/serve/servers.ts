import { execFile, spawn } from 'node:child_process'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { versionOf } from '../peers.js'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const IPX = '3.1.1'
const AUTOCANNON = '9.0.0'

/** A server that listens. */
export interface Server {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** Files of the packages that are not ours. */
export interface Packages {
  readonly ipx: string
  readonly autocannon: string
}

/**
 * Installs ipx, with the version of sharp that imgproc uses, and autocannon, unless they are there.
 *
 * @param fetch false returns undefined instead.
 */
export async function installPackages(work: string, fetch: boolean): Promise<Packages | undefined> {
  const home = join(work, `ipx-${IPX}`)
  const installed = (...path: readonly string[]) => join(home, 'node_modules', ...path)
  const packages = { ipx: installed('ipx/dist/index.mjs'), autocannon: installed('autocannon/autocannon.js') }
  if ((await stat(packages.autocannon).catch(() => undefined)) !== undefined) return packages
  if (!fetch) return undefined
  await mkdir(home, { recursive: true })
  const sharp = await versionOf(createRequire(import.meta.url).resolve('sharp'))
  const manifest = { private: true, dependencies: { ipx: IPX, autocannon: AUTOCANNON }, overrides: { sharp } }
  await writeFile(join(home, 'package.json'), JSON.stringify(manifest))
  await promisify(execFile)('npm', ['install', '--prefix', home, '--no-audit', '--no-fund'])
  return packages
}

/** Starts `imgproc serve` over a folder. Without a cache, each request makes its picture. */
export async function startImgproc(
  imgproc: string,
  folder: string,
  work: string,
  hasCache: boolean,
): Promise<Server> {
  const name = hasCache ? 'cached' : 'uncached'
  const config = join(work, `serve-${name}.json`)
  const limits = hasCache ? {} : { cacheBytes: 0, memoryBytes: 0 }
  const serve = { sources: { photos: folder }, store: join(work, `serve-${name}`), ...limits }
  await writeFile(config, JSON.stringify({ serve }))
  return start([imgproc, 'serve', '--port', '0', '--config', config])
}

/** Starts ipx over a folder. */
export async function startIpx(folder: string, { ipx }: Packages): Promise<Server> {
  return start([join(HERE, 'ipx-server.mjs'), ipx, folder])
}

/** Starts a server that prints its URL. */
async function start(args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const lines = createInterface({ input: child.stdout })
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /https?:\/\/[\w.]+:\d+/.exec(line)
      if (found !== null) resolve(found[0])
    })
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}`)))
  })
  const stop = async () => {
    child.kill()
    await ended
  }
  return { url, pid: child.pid ?? 0, stop }
}
