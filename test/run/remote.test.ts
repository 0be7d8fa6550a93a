import { readFile } from 'node:fs/promises'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseManifest } from '../../src/manifest/parse-manifest.js'
import { run } from '../../src/run/run.js'
import type { RunOptions } from '../../src/run/options.js'
import { createS3Store } from '../../src/stores/s3/store.js'
import { sendError, startFakeS3 } from '../stores/s3/fake.js'
import { createTestClient, makeBucket, startS3, TEST_KEYS, type Bucket } from '../stores/s3/setup.js'
import { makeProject } from '../support/project.js'

const THUMBS = { preset: 'thumb' } as const

let server: Awaited<ReturnType<typeof startS3>>
let photo: Buffer

beforeAll(async () => {
  for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
  server = await startS3()
  photo = await readFile(new URL('../../fixtures/photos/landscape.jpg', import.meta.url))
})

afterAll(async () => {
  await server.stop()
  vi.unstubAllEnvs()
})

/** Creates a bucket with the same photo under each key. */
async function openBucket(...keys: string[]): Promise<Bucket & { keys(): Promise<string[]> }> {
  const bucket = await makeBucket(server.endpoint)
  const store = createS3Store({ endpoint: server.endpoint })
  const root = `s3://${bucket.name}/`
  for (const key of keys) await store.write(root + key, photo, { contentType: 'image/jpeg' })
  return {
    ...bucket,
    async keys() {
      const found: string[] = []
      for await (const { ref } of store.list(`${root}**`)) found.push(ref.slice(root.length))
      return found.filter((key) => !key.includes('.imgproc/')).toSorted()
    },
  }
}

/** Runs to the end. Returns the summary, `path code` of each failure, and the manifest. */
async function make(options: RunOptions) {
  const batch = run({ ...THUMBS, s3: { endpoint: server.endpoint }, ...options })
  const summary = await batch.summary
  const failures = summary.failures.map(({ path, error }) => `${path} ${error.code}`)
  return { summary, failures, manifest: await batch.manifest }
}

async function read(bucket: Bucket, key: string): Promise<{ data: Buffer; type: string | undefined }> {
  const client = createTestClient(server.endpoint)
  const answer = await client.send(new GetObjectCommand({ Bucket: bucket.name, Key: key }))
  const data = Buffer.from((await answer.Body?.transformToByteArray()) ?? [])
  client.destroy()
  return { data, type: answer.ContentType }
}

describe('a run with buckets', () => {
  it('writes to the bucket that it reads, and keeps unusual keys as they are', async () => {
    const odd = ['../../etc/x.jpg', '/a/b.jpg', 'C:/b.jpg', 'a/b.jpg', 'a//b.jpg', 'ü 100% {1}.jpg']
    const bucket = await openBucket(...odd, 'photos/')
    const root = `s3://${bucket.name}`
    const { failures, manifest } = await make({ inputs: [`${root}/`], out: `${root}/thumbs/` })
    expect(failures).toEqual([])
    const outputs = odd.map((key) => key.replace('.jpg', '.thumb.jpg'))
    expect(await bucket.keys()).toEqual(
      [...odd, ...outputs.map((key) => `thumbs/${key}`), 'thumbs/manifest.json'].toSorted(),
    )
    expect(manifest.entries.map(({ source }) => source.path)).toEqual(
      odd.map((key) => `${root}/${key}`).toSorted(),
    )
    expect(manifest.entries.flatMap((entry) => entry.outputs.map(({ path }) => path)).toSorted()).toEqual(
      outputs.toSorted(),
    )
    for (const key of outputs) {
      const { data, type } = await read(bucket, `thumbs/${key}`)
      expect(type).toBe('image/jpeg')
      expect(await sharp(data).metadata()).toMatchObject({ format: 'jpeg', width: 100 })
    }
  })

  it('makes the images in worker processes if that many are wanted', async () => {
    const project = await makeProject()
    await project.write('who.mjs', 'export default { summary: "Who.", analyze: () => process.pid }')
    const keys = Array.from({ length: 12 }, (_, index) => `in/${index}.jpg`)
    const bucket = await openBucket(...keys)
    const { failures, manifest } = await make({
      root: project.path,
      inputs: [`s3://${bucket.name}/in/`],
      out: `s3://${bucket.name}/out`,
      workers: 2,
      analyzers: { who: './who.mjs' },
      analyze: ['who'],
    })
    expect(failures).toEqual([])
    const pids = new Set(manifest.entries.map(({ analysis }) => analysis?.['who']))
    expect(pids.size).toBe(2)
    expect(pids).not.toContain(process.pid)
    expect(await bucket.keys()).toEqual(
      [
        ...keys,
        ...keys.map((key) => key.replace('in/', 'out/').replace('.jpg', '.thumb.jpg')),
        'out/manifest.json',
      ].toSorted(),
    )
  })

  it('stores the manifest next to the outputs, byte for byte the same if nothing changed', async () => {
    const bucket = await openBucket('in/a.jpg', 'in/b.jpg')
    const out = `s3://${bucket.name}/out`
    await make({ inputs: [`s3://${bucket.name}/in/a.jpg`], out })
    const one = await read(bucket, 'out/manifest.json')
    expect(one.type).toBe('application/json')
    const { manifest } = await make({ inputs: [`s3://${bucket.name}/in`], out })
    const both = await read(bucket, 'out/manifest.json')
    expect(parseManifest(both.data.toString(), 'both')).toEqual(manifest)
    expect(manifest.entries.map(({ source }) => source.path.slice(out.length - 3))).toEqual([
      'in/a.jpg',
      'in/b.jpg',
    ])
    await make({ inputs: [`s3://${bucket.name}/in/**/*.jpg`], out })
    expect(await read(bucket, 'out/manifest.json')).toEqual(both)
  })

  it('renders from a folder to a bucket, to another bucket, and back to a folder', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/sub/a.jpg')
    const [first, second] = [await openBucket(), await openBucket()]
    const cwd = project.path
    await make({ cwd, inputs: ['photos'], out: `s3://${first.name}/img` })
    expect(await first.keys()).toEqual(['img/manifest.json', 'img/sub/a.thumb.jpg'])
    await make({
      cwd,
      inputs: [`s3://${first.name}/img`],
      out: `s3://${second.name}`,
      pathForAll: '{dir}/b.{ext}',
    })
    expect(await second.keys()).toEqual(['manifest.json', 'sub/b.jpg'])
    await make({ cwd, inputs: [`s3://${second.name}/**`], out: 'out', pathForAll: '{dir}/c.{ext}' })
    expect(await project.files('out')).toEqual(['manifest.json', 'sub/c.jpg'])
    expect(await sharp(project.at('out/sub/c.jpg')).metadata()).toMatchObject({ width: 100, height: 75 })
  })

  it('rejects keys that lead out of the output folder, and renders the rest', async () => {
    const project = await makeProject()
    const bucket = await openBucket('../../etc/x.jpg', 'a/../../../y.jpg', 'a//./b.jpg', '/z.jpg', 'ok.jpg')
    const root = `s3://${bucket.name}`
    const { failures } = await make({ cwd: project.path, inputs: [`${root}/`], out: 'deep/down/out' })
    expect(failures).toEqual([
      `${root}/../../etc/x.jpg OUTPUT_OUTSIDE_ROOT`,
      `${root}/a/../../../y.jpg OUTPUT_OUTSIDE_ROOT`,
    ])
    const outputs = ['a/b.thumb.jpg', 'manifest.json', 'ok.thumb.jpg', 'z.thumb.jpg']
    expect(await project.files()).toEqual(outputs.map((name) => `deep/down/out/${name}`))
  })

  it('fails only the object that is too large, without reading it', async () => {
    const bucket = await openBucket('in/a.jpg')
    const store = createS3Store({ endpoint: server.endpoint })
    await store.write(`s3://${bucket.name}/in/b.jpg`, Buffer.alloc(photo.length + 1), {
      contentType: 'image/jpeg',
    })
    const { summary, failures } = await make({
      inputs: [`s3://${bucket.name}/in/`],
      out: `s3://${bucket.name}/out`,
      limits: { bytes: photo.length },
    })
    expect(failures).toEqual([`s3://${bucket.name}/in/b.jpg INPUT_TOO_LARGE`])
    expect(summary.bytes.in).toBe(photo.length)
    expect(await bucket.keys()).toContain('out/a.thumb.jpg')
  })

  it('fails only the object that was removed after it was listed', async () => {
    const project = await makeProject()
    const size = `<Size>${photo.length}</Size>`
    const keys = ['a.jpg', 'gone.jpg', 'z.jpg'].map((key) => `<Contents><Key>${key}</Key>${size}</Contents>`)
    const fake = await startFakeS3((response, { method, path }) => {
      if (path.includes('list-type'))
        return response.end(`<ListBucketResult>${keys.join('')}</ListBucketResult>`)
      if (path.includes('gone')) return sendError(response, 404, 'NoSuchKey')
      return method === 'GET' ? response.end(photo) : sendError(response, 404, 'NoSuchKey')
    })
    const s3 = { endpoint: fake.endpoint }
    const { failures } = await make({ cwd: project.path, inputs: ['s3://bucket/'], out: 'out', s3 })
    await fake.stop()
    expect(failures).toEqual(['s3://bucket/gone.jpg INPUT_NOT_FOUND'])
    expect(await project.files('out')).toEqual(['a.thumb.jpg', 'manifest.json', 'z.thumb.jpg'])
  })

  it.each([
    ['as input', 's3://imgproc-no-such-bucket/', 'INPUT_NOT_FOUND'],
    ['as output', 'out', 'WRITE_FAILED'],
  ])('reports a missing bucket before it renders anything: %s', async (_, place, code) => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    const isInput = place.startsWith('s3:')
    const inputs = isInput ? [place] : ['photos']
    const out = isInput ? 'out' : 's3://imgproc-no-such-bucket/img'
    const batch = run({ ...THUMBS, s3: { endpoint: server.endpoint }, cwd: project.path, inputs, out })
    await expect(batch.summary).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/there is no bucket/) as string,
    })
    expect(await project.files()).toEqual(['photos/a.jpg'])
  })

  it('names the credential variables if there are no credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined)
    await expect(make({ inputs: ['s3://bucket/'], out: 's3://bucket/out' })).rejects.toMatchObject({
      code: 'INVALID_CREDENTIALS',
      message: expect.stringMatching(/AWS_ACCESS_KEY_ID/) as string,
    })
    for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
  })

  it('holds at most 128 MiB of sources in memory at a time', async () => {
    const sizes = { current: 0, peak: 0 }
    const images = 60
    const size = 4_000_000
    const big = Buffer.concat([photo, Buffer.alloc(size - photo.length)])
    const batch = run({
      ...THUMBS,
      inputs: ['box://'],
      out: 'box://out',
      stores: {
        box: {
          scheme: 'box',
          async *list(prefix) {
            for (let index = 0; index < images; index++) yield { ref: `${prefix}${1000 + index}.jpg`, size }
          },
          stat: async () => undefined,
          async read() {
            sizes.peak = Math.max(sizes.peak, (sizes.current += size))
            await new Promise((resolve) => setTimeout(resolve, 50))
            return big
          },
          async write(ref, data) {
            if (ref.endsWith('.jpg')) sizes.current -= size
            return { ref, size: data.length }
          },
        },
      },
    })
    expect((await batch.summary).renditions.written).toBe(images)
    expect(sizes.peak).toBeGreaterThan(4 * size)
    expect(sizes.peak).toBeLessThanOrEqual(128 * 1024 * 1024)
  })
})
