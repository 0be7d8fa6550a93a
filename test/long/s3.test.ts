import { GetObjectCommand } from '@aws-sdk/client-s3'
import pLimit from 'p-limit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseManifest } from '../../src/manifest/parse-manifest.js'
import { run } from '../../src/run/run.js'
import type { RunOptions } from '../../src/run/options.js'
import { createS3Store } from '../../src/stores/s3/store.js'
import { makeBucket, TEST_KEYS, type Bucket } from '../stores/s3/setup.js'
import { colourOf, makeSmallPhotos, type SmallPhoto } from '../support/small-photos.js'
import { createStutterProxy } from '../support/stutter-proxy.js'

/** URL of a real S3 server, such as `.ci/run` starts. */
const endpoint = process.env['IMGPROC_TEST_S3'] ?? ''

/** Number of objects behind the stutter proxy, enough for dozens of failures of each kind. */
const PROXIED = Number(process.env['IMGPROC_TEST_STUTTERING'] ?? 300)
/** Set the environment variable for more. */
const OBJECTS = Number(process.env['OBJECTS'] ?? 600)
const MASTERS = 40

const atOnce = pLimit(32)

const keyOf = (index: number) => `album ${index % 7}/ü ${1000 + index}.jpg`
const outputOf = (index: number) => keyOf(index).replace(/jpg$/, 'thumb.webp')

describe.runIf(endpoint !== '')('a run from S3 to S3', () => {
  let bucket: Bucket
  let photos: SmallPhoto[]
  beforeAll(async () => {
    for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
    bucket = await makeBucket(endpoint)
    photos = await makeSmallPhotos(MASTERS)
    const store = createS3Store({ endpoint })
    const meta = { contentType: 'image/jpeg' }
    const puts = Array.from({ length: OBJECTS }, (_, index) =>
      atOnce(() => store.write(`s3://${bucket.name}/in/${keyOf(index)}`, photoOf(index).data, meta)),
    )
    await Promise.all(puts)
  })
  afterAll(async () => {
    await removeAll(bucket)
    vi.unstubAllEnvs()
  })

  const photoOf = (index: number) => photos[index % MASTERS]!

  /** Renders thumbnails of photos in the bucket, and returns the summary. */
  async function make(out: string, options: RunOptions) {
    const { summary } = run({
      ops: [{ thumbnail: 100 }, { format: 'webp' }],
      preset: 'thumb',
      inputs: [`s3://${bucket.name}/in/`],
      out: `s3://${bucket.name}/${out}`,
      ...options,
    })
    return summary
  }

  /** Expects every output to be complete, with the right size, type and colour. */
  async function check(out: string, indices: readonly number[]): Promise<void> {
    const wrong = await Promise.all(indices.map((index) => atOnce(() => findWrong(out, index))))
    expect(wrong.filter((problem) => problem !== undefined)).toEqual([])
  }

  async function findWrong(out: string, index: number): Promise<string | undefined> {
    const key = `${out}/${outputOf(index)}`
    const command = new GetObjectCommand({ Bucket: bucket.name, Key: key })
    const { Body, ContentType } = await bucket.client.send(command)
    if (ContentType !== 'image/webp') return `${key} is of the type ${ContentType}`
    const data = Buffer.from((await Body?.transformToByteArray()) ?? [])
    // Decoding throws if a part of the file is missing.
    const { info } = await sharp(data, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true })
    if (info.width !== 100 || info.height !== 75) return `${key} is ${info.width}x${info.height}`
    const colour = await colourOf(data)
    const off = Math.max(...photoOf(index).colour.map((value, channel) => Math.abs(value - colour[channel]!)))
    return off > 6 ? `${key} has another colour: ${colour.map(Math.round).join()}` : undefined
  }

  /** Returns the sorted output paths of the manifest in the bucket. */
  async function listed(out: string): Promise<string[]> {
    const store = createS3Store({ endpoint })
    const text = Buffer.from(await store.read(`s3://${bucket.name}/${out}/manifest.json`)).toString()
    const { entries } = parseManifest(text, out)
    return entries.flatMap(({ outputs }) => outputs.map(({ path }) => path)).toSorted()
  }

  it(`renders ${OBJECTS} objects correctly and lists all of them in the manifest`, async () => {
    const { renditions, failures, seconds } = await make('all', { s3: { endpoint } })
    console.log(`${OBJECTS} objects in ${seconds.toFixed(1)} s, ${(OBJECTS / seconds).toFixed(0)} images/s`)
    expect(failures).toEqual([])
    expect(renditions).toMatchObject({ written: OBJECTS, skipped: 0, failed: 0 })
    const indices = Array.from({ length: OBJECTS }, (_, index) => index)
    await check('all', indices)
    expect(await listed('all')).toEqual(indices.map(outputOf).toSorted())
  })

  it('renders the same over an unreliable network, and writes each key once', async () => {
    const proxy = await createStutterProxy({
      target: endpoint,
      seed: 7,
      failures: { slowDown: 0.05, reset: 0.02 },
    })
    const indices = Array.from({ length: PROXIED }, (_, index) => index)
    const { failures, seconds } = await make('stuttered', {
      inputs: indices.map((index) => `s3://${bucket.name}/in/${keyOf(index)}`),
      base: `s3://${bucket.name}/in`,
      s3: { endpoint: proxy.url },
    })
    await proxy.close()
    const { requests, injected503, resets, successfulPuts } = proxy.stats
    console.log(
      `${PROXIED} objects in ${seconds.toFixed(1)} s: ${requests} requests, ${injected503} answered 503, ${resets} reset`,
    )
    expect(failures).toEqual([])
    expect(injected503).toBeGreaterThan(PROXIED * 0.05)
    expect(resets).toBeGreaterThan(PROXIED * 0.02)
    await check('stuttered', indices)
    expect(await listed('stuttered')).toEqual(indices.map(outputOf).toSorted())
    const puts = [...successfulPuts].filter(([key]) => key.endsWith('.webp'))
    expect(puts.map(([key]) => key).toSorted()).toEqual(
      indices.map((index) => `/${bucket.name}/stuttered/${outputOf(index)}`).toSorted(),
    )
    expect(puts.filter(([, times]) => times !== 1)).toEqual([])
  })
})

async function removeAll(bucket: Bucket): Promise<void> {
  const store = createS3Store({ endpoint })
  for await (const { ref } of store.list(`s3://${bucket.name}/**`)) void atOnce(() => store.remove(ref))
  await atOnce(async () => {})
  while (atOnce.activeCount + atOnce.pendingCount > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  await bucket.remove()
}
