import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createS3Store } from '../../src/stores/s3/store.js'
import { BIN } from '../cli/command.js'
import { ACCOUNT, KEY } from '../stores/azure/setup.js'
import { sendPage, startFakeS3 } from '../stores/s3/fake.js'
import { TEST_KEYS } from '../stores/s3/setup.js'
import { makeProject } from '../support/project.js'

// Only contexts created after the flag is set expose `gc`.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const PAGES = 200
/** Pages of the plan of a bucket. Set the environment variable for more. */
const PLANNED_PAGES = Number(process.env['PLANNED_PAGES'] ?? 300)
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

/** Names of a page, as long as usual. */
function namesOf(page: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `photos/${page}/a-name-as-long-as-usual-${index}.jpg`)
}

/** Starts a server of Azure that lists 100,000 blobs in pages of 1,000, and has no others. */
async function startAzurePages() {
  const fake = await startFakeS3((response, { path }) => {
    fake.seen.length = 0
    const query = new URL(path, 'http://fake').searchParams
    if (query.get('comp') !== 'list')
      return response.writeHead(404, { 'x-ms-error-code': 'BlobNotFound' }).end()
    const page = Number(query.get('marker') ?? 0)
    const blobs = query.get('prefix') === 'photos/' ? namesOf(page, 1000) : []
    const xml = blobs.map(
      (name) =>
        `<Blob><Name>${name}</Name><Properties><Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified>` +
        '<Etag>0x8D</Etag><Content-Length>1</Content-Length></Properties></Blob>',
    )
    const next = blobs.length > 0 && page < 99 ? page + 1 : ''
    return response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(
        `<?xml version="1.0"?><EnumerationResults><Blobs>${xml.join('')}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`,
      )
  })
  const endpoint = `${fake.endpoint}/${ACCOUNT}`
  const connection = `AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${endpoint}`
  return { fake, url: 'az://bucket', env: { AZURE_STORAGE_CONNECTION_STRING: connection } }
}

/** Starts a server of Google Cloud Storage that lists 100,000 objects in pages of 1,000, and has no others. */
async function startGcsPages() {
  const fake = await startFakeS3((response, { path }) => {
    fake.seen.length = 0
    const { pathname, searchParams } = new URL(path, 'http://fake')
    if (!pathname.endsWith('/o')) return response.writeHead(404).end('No such object')
    const page = Number(searchParams.get('pageToken') ?? 0)
    const names = searchParams.get('prefix') === 'photos/' ? namesOf(page, 1000) : []
    const items = names.map((name) => ({ name, size: '1', updated: '2026-01-02T03:04:05Z', md5Hash: 'abc=' }))
    const next = names.length > 0 && page < 99 ? { nextPageToken: String(page + 1) } : {}
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ items, ...next }))
  })
  const env = { STORAGE_EMULATOR_HOST: fake.endpoint, METADATA_SERVER_DETECTION: 'none' }
  return { fake, url: 'gs://bucket', env }
}

async function startS3Pages() {
  const fake = await startPages(PLANNED_PAGES)
  const env = { ...TEST_KEYS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: fake.endpoint }
  return { fake, url: 's3://bucket', env }
}

describe.runIf(process.platform === 'linux')('a plan of a bucket', () => {
  it.each([
    [PLANNED_PAGES * 1000, 'keys of S3', startS3Pages],
    [100_000, 'blobs of Azure', startAzurePages],
    [100_000, 'objects of Google Cloud Storage', startGcsPages],
  ])('of %i %s takes less than 300 MB', async (count, kind, start) => {
    const project = await makeProject()
    const { fake, url, env } = await start()
    onTestFinished(() => fake.stop())
    const started = performance.now()
    const child = spawn(process.execPath, [BIN, 'thumbs', `${url}/photos/**`, '--dry-run'], {
      cwd: project.path,
      env: { ...process.env, ...env },
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
    console.log(`A plan of ${count} ${kind}: ${peak.toFixed(0)} MB, ${seconds.toFixed(0)} s`)
    expect(await printed).toContain(`${count} to write`)
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
