import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createS3Store } from '../../src/stores/s3/store.js'
import { BIN } from '../cli/command.js'
import { sendPage, startFakeS3 } from '../stores/s3/fake.js'
import { TEST_KEYS } from '../stores/s3/setup.js'
import { makeProject } from '../support/project.js'

// Only contexts created after the flag is set expose `gc`.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const PAGES = 200
const MEGABYTE = 1e6

/** Starts a server that lists keys in pages of a thousand. */
async function startPages(pages: number) {
  const fake = await startFakeS3((response, { method, path }) => {
    fake.seen.length = 0
    if (method === 'HEAD') return response.writeHead(404).end()
    const query = new URL(path, 'http://fake').searchParams
    if (query.get('prefix') !== 'photos/') return sendPage(response, [])
    const page = Number(query.get('continuation-token') ?? 0)
    const keys = Array.from(
      { length: 1000 },
      (_, index) => `photos/${page}/a-name-as-long-as-usual-${index}.jpg`,
    )
    sendPage(response, keys, page < pages - 1 ? String(page + 1) : undefined)
  })
  return fake
}

describe('listing a bucket of 200,000 keys', () => {
  it('holds one page of keys in memory at a time', async () => {
    for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
    const fake = await startPages(PAGES)
    const store = createS3Store({ endpoint: fake.endpoint })
    const list = async (): Promise<{ count: number; peak: number }> => {
      const result = { count: 0, peak: 0 }
      for await (const _ of store.list('s3://bucket/photos/**/*.jpg')) {
        result.count += 1
        if (result.count % 20_000 === 0) result.peak = Math.max(result.peak, usedBytes())
      }
      return result
    }
    // The first listing loads and compiles code that later ones reuse.
    await list()
    const before = usedBytes()
    const { count, peak } = await list()
    await fake.stop()
    vi.unstubAllEnvs()
    expect(count).toBe(PAGES * 1000)
    console.log(`Additional memory while listing: ${((peak - before) / MEGABYTE).toFixed(1)} MB`)
    expect(peak - before).toBeLessThan(20 * MEGABYTE)
  })
})

describe.runIf(process.platform === 'linux')('a plan of a bucket of 1,000,000 keys', () => {
  it('takes less than 300 MB', async () => {
    const project = await makeProject()
    const fake = await startPages(1000)
    onTestFinished(() => fake.stop())
    const words = ['thumbs', 's3://bucket/photos/**', '--s3-endpoint', fake.endpoint, '--dry-run']
    const started = performance.now()
    const child = spawn(process.execPath, [BIN, ...words], {
      cwd: project.path,
      env: { ...process.env, ...TEST_KEYS, AWS_REGION: 'us-east-1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const printed = text(child.stderr)
    let peak = 0
    const timer = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid))
    }, 100)
    await once(child, 'exit')
    clearInterval(timer)
    const seconds = (performance.now() - started) / 1000
    console.log(`A plan of 1,000,000 keys: ${peak.toFixed(0)} MB, ${seconds.toFixed(0)} s`)
    expect(await printed).toContain('1000000 to write')
    expect(peak).toBeLessThan(300)
  })
})

/** Returns the peak of a process's resident memory in MB; 0 after its end. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Returns the bytes in use after garbage collection. */
function usedBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
