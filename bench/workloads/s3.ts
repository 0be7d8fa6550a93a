import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import pLimit from 'p-limit'
import { createS3Store } from '../../src/stores/s3/store.js'
import { createTestClient, TEST_KEYS } from '../../test/stores/s3/setup.js'
import { checkRatio, scaleCount, type Bench, type Check, type Workload } from '../bench.js'
import type { PhotoSet } from '../corpus.js'
import { makeFolder, race, runOnce, type Contender } from '../measure.js'
import { compareWithPlain } from '../pixels.js'
import { startProxy } from '../proxy.js'

const COUNT = 1000
/** Added to each request. */
const MILLISECONDS = 50
/** Times as fast as the other build. */
const WANTED = 2

export const s3: Workload = {
  id: '14',
  title: `1,000 JPEG of 640x480 from S3 to S3, ${MILLISECONDS} ms a request`,
  async measure(bench) {
    const server = process.env['IMGPROC_TEST_S3'] ?? ''
    if (server === '') return nothing('there is no S3 server: set IMGPROC_TEST_S3 to its URL')
    Object.assign(process.env, TEST_KEYS)
    const far = await startProxy(server, MILLISECONDS)
    const near = await startProxy(server, 0)
    try {
      return await measureBucket(bench, await createBucket(server), far.url, near.url)
    } finally {
      far.stop()
      near.stop()
    }
  },
}

async function measureBucket(bench: Bench, bucket: Bucket, far: string, near: string) {
  const set = await bench.corpus.take('small', scaleCount(bench, COUNT))
  const warmUp = await bench.corpus.take('small')
  for (const each of [set, warmUp]) await bucket.upload(each)
  const ours = contend('imgproc', 'ours', bench.imgproc, bucket, far)
  const older = bench.than === undefined ? [] : [contend('the other build', 'peer', bench.than, bucket, far)]
  const direct = contend('imgproc without latency', 'limit', bench.imgproc, bucket, near)
  const { series, notes } = await race([ours, ...older, direct], { ...bench, set, warmUp })
  const other = series.find(({ role }) => role === 'peer')
  const checks = [
    ...checkRatio(series, other, 'the other build', WANTED),
    await checkPixels(bench, ours, bucket, warmUp),
  ]
  const missing = other === undefined ? ['no other build was named with --than'] : []
  return { images: set.files.length, series, checks, notes: [...notes, ...missing] }
}

function contend(
  name: string,
  role: Contender['role'],
  imgproc: string,
  bucket: Bucket,
  endpoint: string,
): Contender {
  return {
    name,
    role,
    commands: ({ folder }, out) => [
      {
        file: process.execPath,
        args: [imgproc, 'thumbs', `${bucket.root}/${basename(folder)}/`, '-o', bucket.folderFor(out)],
        env: { AWS_ENDPOINT_URL_S3: endpoint },
      },
    ],
    countOutputs: async (out) => (await bucket.list(bucket.folderFor(out))).length,
  }
}

/** Compares the outputs of a run with plain calls of sharp. */
async function checkPixels(bench: Bench, ours: Contender, bucket: Bucket, set: PhotoSet): Promise<Check> {
  const { folder } = await runOnce(ours, set, bench.out)
  const copies = await makeFolder(bench.out)
  for (const ref of await bucket.list(bucket.folderFor(folder)))
    await writeFile(join(copies, basename(ref)), await bucket.read(ref))
  const { max } = await compareWithPlain(set.files, copies)
  return {
    what: 'pixels against plain sharp',
    wanted: 'the same',
    measured: max === 0 ? 'the same' : `up to ${max} levels apart`,
    holds: max === 0,
  }
}

type Bucket = Awaited<ReturnType<typeof createBucket>>

async function createBucket(endpoint: string) {
  const Bucket = `bench-${Date.now()}`
  const client = createTestClient(endpoint)
  await client.send(new CreateBucketCommand({ Bucket }))
  client.destroy()
  const store = createS3Store({ endpoint })
  const root = `s3://${Bucket}`
  const atOnce = pLimit(16)
  return {
    root,
    folderFor: (out: string) => `${root}/out/${basename(out)}`,
    upload: ({ folder, files }: PhotoSet) =>
      atOnce.map(files, async (file) =>
        store.write(`${root}/${basename(folder)}/${basename(file)}`, await readFile(file), {
          contentType: 'image/jpeg',
        }),
      ),
    read: (ref: string) => store.read(ref),
    async list(folder: string): Promise<string[]> {
      const refs: string[] = []
      for await (const { ref } of store.list(`${folder}/*.jpg`)) refs.push(ref)
      return refs
    },
  }
}

function nothing(note: string) {
  return { images: 0, series: [], checks: [], notes: [note] }
}
