/** Adds milliseconds to each request to a server, in a process of its own: `proxy.ts URL MILLISECONDS`, by `startProxy`. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createStutterProxy } from '../test/support/stutter-proxy.js'

const FILE = fileURLToPath(import.meta.url)

export interface Proxy {
  readonly url: string
  stop(): void
}

/** Starts a proxy. A server must not share a thread with the process that is measured. */
export async function startProxy(target: string, milliseconds: number): Promise<Proxy> {
  const child = fork(FILE, [target, String(milliseconds)], { execArgv: ['--import', 'jiti/register'] })
  const url = await new Promise<string>((resolve, reject) => {
    // A child sends only its URL.
    child.once('message', (message) => resolve(message as string))
    child.once('exit', (code) => reject(new Error(`the proxy exited with ${code}`)))
  })
  return { url, stop: () => void child.kill() }
}

const [file, target = '', latency = '0'] = process.argv.slice(1)
if (file === FILE) {
  const { url } = await createStutterProxy({ target, latency: Number(latency), seed: 1 })
  process.send?.(url)
}
