import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { weighTree } from '../memory.js'
import type { Server } from './servers.js'

const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url))
/** Milliseconds between two samples of the memory. */
const INTERVAL = 200
/** Clock ticks in a second, in which Linux counts processor time. */
const TICKS = 100

/** Requests to send to a server. */
export interface LoadOptions {
  readonly name: string
  readonly server: Server
  readonly paths: readonly string[]
  /** `304`: sends the ETag of the first path with each request. */
  readonly mode?: 'cached' | '304' | undefined
  readonly seconds: number
}

/** Answers of a server to a load. */
export interface LoadResult {
  readonly perSecond: number
  /** Seconds of processor time of the server for each answer. */
  readonly cpu: number
  /** Peak memory of the server, in megabytes. */
  readonly peak: number
}

/** Sends requests by autocannon over eight connections. Throws for errors and for unexpected statuses. */
export async function sendLoad(autocannon: string, options: LoadOptions): Promise<LoadResult> {
  const { name, server, paths, mode, seconds } = options
  const { url, pid } = server
  const headers: Record<string, string> = {}
  if (mode === '304') headers['if-none-match'] = (await fetch(url + paths[0])).headers.get('etag') ?? ''
  let peak = 0
  const sampling = setInterval(() => {
    void weighTree([pid]).then((kilobytes) => (peak = Math.max(peak, kilobytes / 1000)))
  }, INTERVAL)
  try {
    const before = await readProcessorTime(pid)
    const spec = JSON.stringify({ url, paths, headers, seconds })
    const { stdout } = await promisify(execFile)(process.execPath, [LOAD, autocannon, spec])
    const after = await readProcessorTime(pid)
    const { perSecond, errors, statuses } = JSON.parse(stdout) as Loaded
    const status = mode === '304' ? '304' : '200'
    const others = Object.keys(statuses).filter((other) => other !== status)
    if (errors > 0 || others.length > 0)
      throw new Error(`${name}: ${errors} errors, statuses ${others.join(', ')}, not ${status}`)
    return { perSecond, cpu: (after - before) / (perSecond * seconds), peak }
  } finally {
    clearInterval(sampling)
  }
}

/** Output of load.mjs. */
interface Loaded {
  readonly perSecond: number
  readonly errors: number
  readonly statuses: Record<string, unknown>
}

/** Returns the seconds of processor time of a process: fields 14 and 15 of its stat. */
async function readProcessorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
