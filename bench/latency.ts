/**
 * Measures the cost of latency: thumbnails of small photos from S3 to S3, in turn with and without 50 ms on every request.
 * The server is that of IMGPROC_TEST_S3, or a package of npm. It and the proxies run in processes of their own.
 *
 *   npm run bench:latency -- [IMAGES] [ROUNDS] [MILLISECONDS]
 */
import { fork, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { createTestClient, startS3, TEST_KEYS } from '../test/stores/s3/setup.js'
import { makeSmallPhotos } from '../test/support/small-photos.js'
import { createStutterProxy } from '../test/support/stutter-proxy.js'

const BIN = fileURLToPath(new URL('../bin/imgproc.cjs', import.meta.url))

/** Number of different photos. Each is uploaded many times. */
const MASTERS = 16
/** Required share of the speed without latency. */
const WANTED = 0.8

interface Child {
  readonly url: string
  stop(): void
}

async function main(): Promise<void> {
  Object.assign(process.env, TEST_KEYS)
  const [images = 400, rounds = 5, milliseconds = 50] = process.argv.slice(2).map(Number)
  const server = process.env['IMGPROC_TEST_S3'] ?? ''
  const own = server === '' ? await start('server') : { url: server, stop() {} }
  const proxies = [await start('proxy', own.url, '0'), await start('proxy', own.url, String(milliseconds))]
  try {
    const bucket = await fill(createTestClient(own.url), images)
    const speeds: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      for (const [index, list] of speeds.entries()) {
        const out = `s3://${bucket}/out/${round}-${index}`
        list.push(await measure(proxies[index]?.url ?? '', `s3://${bucket}/photos/`, out, images))
      }
    }
    const [near, far] = speeds.map(median)
    console.log(`0 ms:  ${speeds[0].map(Math.round).join(', ')} images/s`)
    console.log(`${milliseconds} ms: ${speeds[1].map(Math.round).join(', ')} images/s`)
    const ratio = (far ?? 0) / (near ?? 1)
    console.log(`ratio of the medians ${ratio.toFixed(2)} (wanted: ${WANTED})`)
    if (ratio < WANTED) process.exitCode = 1
  } finally {
    for (const child of [...proxies, own]) child.stop()
  }
}

/** Creates a bucket with photos and returns its name. */
async function fill(client: S3Client, images: number): Promise<string> {
  const Bucket = `latency-${Date.now()}`
  await client.send(new CreateBucketCommand({ Bucket }))
  const photos = await makeSmallPhotos(MASTERS)
  for (let first = 0; first < images; first += MASTERS) {
    const some = photos.slice(0, images - first)
    const puts = some.map(({ data }, index) =>
      client.send(new PutObjectCommand({ Bucket, Key: `photos/${first + index}.jpg`, Body: data })),
    )
    await Promise.all(puts)
  }
  client.destroy()
  return Bucket
}

/** Returns images per second, as the command counts: from its first request to its last. */
async function measure(endpoint: string, from: string, to: string, images: number): Promise<number> {
  const child = spawn(process.execPath, [BIN, 'thumbs', from, '-o', to, '--json', '--quiet'], {
    env: { ...process.env, ...TEST_KEYS, AWS_ENDPOINT_URL_S3: endpoint },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = (await text(child.stdout)).trim().split('\n')
  // The last line is the summary.
  const { summary } = JSON.parse(lines.at(-1) ?? '') as {
    summary: { seconds: number; renditions: { written: number } }
  }
  if (summary.renditions.written !== images)
    throw new Error(`only ${summary.renditions.written} were written`)
  return images / summary.seconds
}

/** Starts this file in a role. A server must not share a thread with the process that is measured. */
async function start(...role: readonly string[]): Promise<Child> {
  const child = fork(fileURLToPath(import.meta.url), role, { execArgv: ['--import', 'jiti/register'] })
  const url = await new Promise<string>((resolve, reject) => {
    // A child sends only its URL.
    child.once('message', (message) => resolve(message as string))
    child.once('exit', (code) => reject(new Error(`the ${role[0]} exited with ${code}`)))
  })
  return { url, stop: () => void child.kill() }
}

async function playRole(role: string, target = '', latency = '0'): Promise<void> {
  const url =
    role === 'server'
      ? (await startS3()).endpoint
      : (await createStutterProxy({ target, latency: Number(latency), seed: 1 })).url
  process.send?.(url)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

const [role, ...rest] = process.argv.slice(2)
await (role === 'server' || role === 'proxy' ? playRole(role, ...rest) : main())
