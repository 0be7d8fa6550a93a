import pLimit from 'p-limit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createS3Store } from '../../src/stores/s3/store.js'
import { imgproc, spawnImgproc } from '../cli/command.js'
import { makeBucket, TEST_KEYS, type Bucket } from '../stores/s3/setup.js'
import { makeProject } from '../support/project.js'
import { hasRedis, NEEDS_REDIS, startRedis } from '../support/redis.js'
import { makeSmallPhotos } from '../support/small-photos.js'
import { startWorker } from '../support/worker.js'

/** URL of a real S3 server, such as `.ci/run` starts. */
const endpoint = process.env['IMGPROC_TEST_S3'] ?? ''
/** Photos in the bucket. Set the environment variable for more. */
const PHOTOS = Number(process.env['QUEUE_PHOTOS'] ?? 400)
const WORKERS = 4

describe.runIf(endpoint !== '' && hasRedis)(`four workers on one bucket${NEEDS_REDIS}`, () => {
  let bucket: Bucket
  beforeAll(async () => {
    for (const [name, value] of Object.entries({ ...TEST_KEYS, AWS_ENDPOINT_URL_S3: endpoint }))
      vi.stubEnv(name, value)
    bucket = await makeBucket(endpoint)
    const photos = await makeSmallPhotos(20)
    const store = createS3Store({ endpoint })
    await pLimit(16).map(Array.from({ length: PHOTOS }).keys(), (at) =>
      store.write(refOf(`in/${at}.jpg`), photos[at % photos.length]!.data, { contentType: 'image/jpeg' }),
    )
  }, 600_000)
  afterAll(async () => {
    const store = createS3Store({ endpoint })
    for await (const { ref } of store.list(refOf('**'))) await store.remove(ref)
    await bucket.remove()
    vi.unstubAllEnvs()
  }, 600_000)

  const refOf = (key: string) => `s3://${bucket.name}/${key}`

  it('make each image once, and the run writes the manifest of a local run, byte for byte', async () => {
    const project = await makeProject()
    const store = createS3Store({ endpoint })
    const words = ['thumbs', refOf('in/'), '-o', refOf('out')]
    const started = performance.now()
    expect(await imgproc(project, words)).toMatchObject({ code: 0 })
    const local = (performance.now() - started) / 1000
    const manifest = Buffer.from(await store.read(refOf('out/manifest.json')))
    for await (const { ref } of store.list(refOf('out/**'))) await store.remove(ref)
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const flags = ['--concurrency', '1', '--port', '0']
    const workers = await Promise.all(
      Array.from({ length: WORKERS }, () => startWorker(project, server.url, flags)),
    )
    onTestFinished(() => Promise.all(workers.map((worker) => worker.stop())).then(() => {}))
    const queued = performance.now()
    const ended = await spawnImgproc(project, [...words, '--queue', server.url])
    const seconds = (performance.now() - queued) / 1000
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining(`${PHOTOS} written`) })
    const made = await Promise.all(workers.map(({ url }) => countJobs(url!)))
    console.log(
      `${PHOTOS} photos: ${seconds.toFixed(1)} s, a local run ${local.toFixed(1)} s; images of the workers: ${made.join(', ')}`,
    )
    expect(made.reduce((sum, count) => sum + count)).toBe(PHOTOS)
    expect(Math.min(...made)).toBeGreaterThan(0)
    expect(Buffer.from(await store.read(refOf('out/manifest.json'))).equals(manifest)).toBe(true)
    // Nothing is left to make.
    expect(await imgproc(project, [...words, '--check'])).toMatchObject({ code: 0 })
  })
})

/** Returns the jobs that a worker has ended, by its metrics. */
async function countJobs(url: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text()
  const counts = [...text.matchAll(/^imgproc_job_duration_seconds_count\{[^}]*\} (\d+)$/gm)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}
