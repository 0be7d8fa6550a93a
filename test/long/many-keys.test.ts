import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { createS3Store } from '../../src/stores/s3/store.js'
import { sendPage, startFakeS3 } from '../stores/s3/fake.js'
import { TEST_KEYS } from '../stores/s3/setup.js'

// Only contexts created after the flag is set expose `gc`.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const PAGES = 200
const MEGABYTE = 1e6

describe('listing a bucket of 200,000 keys', () => {
  it('holds one page of keys in memory at a time', async () => {
    for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
    const fake = await startFakeS3((response, { method, path }) => {
      if (method === 'HEAD') return response.writeHead(404).end()
      const query = new URL(path, 'http://fake').searchParams
      if (query.get('prefix') !== 'photos/') return sendPage(response, [])
      const page = Number(query.get('continuation-token') ?? 0)
      const keys = Array.from(
        { length: 1000 },
        (_, index) => `photos/${page}/a-name-as-long-as-usual-${index}.jpg`,
      )
      sendPage(response, keys, page < PAGES - 1 ? String(page + 1) : undefined)
      fake.seen.length = 0
    })
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
    expect(peak - before).toBeLessThan(50 * MEGABYTE)
  })
})

/** Returns the bytes in use after garbage collection. */
function usedBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
