import { PutObjectCommand } from '@aws-sdk/client-s3'
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Check } from '../../src/doctor/location.js'
import type { Machine } from '../../src/doctor/machine.js'
import { diagnose, type DoctorOptions } from '../../src/doctor/diagnose.js'
import { type FakeS3, sendError, sendPage, startFakeS3 } from '../stores/s3/fake.js'
import { type Bucket, makeBucket, startS3, TEST_KEYS } from '../stores/s3/setup.js'
import { blocksOf } from '../support/documents.js'
import { makeProject, type Project } from '../support/project.js'

const MACHINE: Machine = { node: process.versions.node, poolThreads: 1024 }
const RIGHTS = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject']

let server: Awaited<ReturnType<typeof startS3>>
let bucket: Bucket
let fake: FakeS3 | undefined

beforeAll(async () => {
  for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
  server = await startS3()
  bucket = await makeBucket(server.endpoint)
})

afterEach(async () => {
  await fake?.stop()
  fake = undefined
})

afterAll(async () => {
  await bucket.remove()
  await server.stop()
  vi.unstubAllEnvs()
})

/** What is found in a project, by `about` and name. */
async function look(project: Project, options: Partial<DoctorOptions> = {}) {
  const { ok, checks } = await diagnose({ machine: MACHINE, cwd: project.path, ...options })
  const find = (name: string, about?: string): Check | undefined =>
    checks.find((check) => check.name === name && (about === undefined || check.about === about))
  return { ok, checks, find }
}

/** A project whose config says where its buckets are. */
async function projectAt(endpoint: string): Promise<Project> {
  const project = await makeProject()
  await project.write('imgproc.config.json', JSON.stringify({ s3: { endpoint } }))
  return project
}

/** What is found of a server that answers so. */
async function lookAtFake(
  answer: Parameters<typeof startFakeS3>[0],
  place: string,
  options: Partial<DoctorOptions> = {},
) {
  await fake?.stop()
  fake = await startFakeS3(answer)
  const found = await look(await projectAt(fake.endpoint), { places: [place], ...options })
  return { ...found, seen: fake.seen }
}

const marksOf = (checks: readonly Check[]) =>
  Object.fromEntries(checks.filter(({ name }) => RIGHTS.includes(name)).map(({ name, mark }) => [name, mark]))

describe('the doctor, of the machine', () => {
  it('tells versions, formats, threads and memory', async () => {
    const { ok, find } = await look(await makeProject())
    expect(ok).toBe(true)
    expect(find('Node.js')?.found).toBe(process.versions.node)
    expect(find('sharp')?.found).toMatch(/^0\.\d+\.\d+$/)
    expect(find('read')?.found).toBe('jpeg, png, webp, avif, gif, tiff, svg')
    expect(find('written')?.found).toBe('jpeg, png, webp, avif, gif, tiff')
    expect(find('heic')).toMatchObject({ mark: 'ok', found: 'read, by heic-decode' })
    expect(find('machine', 'memory')?.found).toMatch(/^\d+\.\d GB, \d+\.\d GB of it free$/)
    expect(find('limit')).toBeUndefined()
    expect(find('file')?.found).toMatch(/^none from .* upward/)
  })

  it('tells a limit of the memory', async () => {
    const { find } = await look(await makeProject(), { machine: { ...MACHINE, memoryLimit: 5e8 } })
    expect(find('limit')?.found).toBe('0.5 GB for this process')
  })

  it('says how many threads lack for the images at once, of the environment before the config', async () => {
    const project = await makeProject()
    await project.write('imgproc.config.json', '{ "concurrency": 8 }')
    const few = await look(project, { machine: { ...MACHINE, poolThreads: 4 } })
    expect(few.ok).toBe(false)
    expect(few.find('pool')).toMatchObject({
      mark: 'missing',
      found: '4 for 8 images at once: set UV_THREADPOOL_SIZE to 10, or concurrency to 4',
    })
    const enough = await look(project, { machine: { ...MACHINE, poolThreads: 4, concurrency: 3 } })
    expect(enough.find('pool')).toMatchObject({ mark: 'ok', found: '4' })
  })
})

describe('the doctor, of the config', () => {
  it('names the file, the nearest or the one that is asked for', async () => {
    const project = await makeProject()
    await project.write('.imgprocrc.yaml', 'out: img')
    await project.write('other.yaml', 'out: img')
    expect((await look(project)).find('file')).toMatchObject({
      mark: 'ok',
      found: project.at('.imgprocrc.yaml'),
    })
    const other = await look(project, { configFile: 'other.yaml' })
    expect(other.find('file')?.found).toBe(project.at('other.yaml'))
  })

  it('says what is wrong with it, and looks at the rest all the same', async () => {
    const project = await makeProject()
    await project.write('imgproc.config.json', '{ "presetz": {} }')
    const { ok, find } = await look(project)
    expect(ok).toBe(false)
    expect(find('file')?.mark).toBe('failed')
    expect(find('file')?.found).toMatch(/imgproc\.config\.json.*presetz.*"presets"/s)
    expect(find('Node.js')?.mark).toBe('ok')
  })

  it('says that a store of its own does not load', async () => {
    const project = await makeProject()
    await project.write('imgproc.config.json', '{ "stores": { "ftp": "./ftp.mjs" } }')
    expect((await look(project)).find('file')?.found).toMatch(/The store "ftp": there is no \.\/ftp\.mjs/)
  })
})

describe('the doctor, of a bucket', () => {
  it('lists, reads, and leaves what it does not have to touch', async () => {
    await bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key: 'p/a b.jpg', Body: 'abc' }))
    const place = `s3://${bucket.name}/p/`
    const { ok, checks, find } = await look(await projectAt(server.endpoint), { places: [place] })
    expect(ok).toBe(true)
    expect(find('credentials')?.found).toBe('AWS_ACCESS_KEY_ID in the environment, key …tkey')
    expect(find('endpoint')?.found).toBe(server.endpoint)
    expect(find('region')?.found).toBe('us-east-1')
    expect(find('path style')?.found).toBe('yes: server/bucket/key')
    expect(find('bucket')?.mark).toBe('ok')
    expect(find('s3:ListBucket')?.found).toBe(`found ${place}a b.jpg`)
    expect(find('s3:GetObject')?.found).toBe(`read a byte of ${place}a b.jpg`)
    expect(find('s3:PutObject')).toMatchObject({ mark: 'untried', found: expect.stringContaining('--write') })
    expect(find('s3:DeleteObject')?.mark).toBe('untried')
    expect(JSON.stringify(checks)).not.toContain('testsecret')
  })

  it('writes only when it may, and leaves nothing', async () => {
    const { store, pattern, cleanup } = await bucket.setup()
    await cleanup()
    const place = `s3://${bucket.name}/out`
    const { ok, checks, find } = await look(await projectAt(server.endpoint), {
      places: [place],
      write: true,
    })
    expect(ok).toBe(true)
    expect(marksOf(checks)).toEqual(Object.fromEntries(RIGHTS.map((name) => [name, 'ok'])))
    expect(find('s3:ListBucket')?.found).toBe(`nothing is in ${place}/ yet`)
    expect(find('s3:PutObject')?.found).toMatch(/^wrote s3:\/\/.*\/out\/\.imgproc-doctor-[\da-f]{16}$/)
    expect(find('s3:GetObject')?.found).toMatch(/^read a byte of s3:\/\/.*\/out\/\.imgproc-doctor-/)
    const left = []
    for await (const { ref } of store.list(pattern('**'))) left.push(ref)
    expect(left).toEqual([])
  })

  it('takes a glob for its folder, and a file for itself', async () => {
    const prefixes: (string | null)[] = []
    for (const place of ['s3://photos/2024/**/*.jpg', 's3://photos/2024/a.jpg', 's3://photos/2024']) {
      const { seen, find } = await lookAtFake((response, { path }) => {
        if (path.includes('list-type')) sendPage(response, ['2024/first.jpg'])
        else response.writeHead(200, { 'content-length': 1 }).end('a')
      }, place)
      const lists = seen.filter(({ path }) => path.includes('list-type'))
      prefixes.push(...lists.map(({ path }) => new URL(path, 'http://x').searchParams.get('prefix')))
      const read = place.endsWith('/a.jpg') ? place : 's3://photos/2024/first.jpg'
      expect(find('s3:GetObject')?.found).toBe(`read a byte of ${read}`)
    }
    expect(prefixes).toEqual(['2024/', '2024/', '2024/'])
  })

  it('tells the bucket that is not there from rights that lack', async () => {
    const project = await projectAt(server.endpoint)
    const { ok, checks, find } = await look(project, { places: ['s3://no-such-bucket/'], write: true })
    expect(ok).toBe(false)
    expect(find('bucket')).toMatchObject({
      mark: 'failed',
      found: expect.stringContaining('there is no bucket'),
    })
    expect(marksOf(checks)).toEqual(Object.fromEntries(RIGHTS.map((name) => [name, 'untried'])))
  })

  it.each([
    ['GET', 's3:GetObject', /access denied\. Allow s3:GetObject on the key/],
    ['PUT', 's3:PutObject', /access denied\. Allow s3:PutObject on the key/],
    ['DELETE', 's3:DeleteObject', /Allow s3:DeleteObject on the key.* is left: remove it by other means/],
  ])('names the right that lacks where %s is denied', async (denied, name, message) => {
    const answer: Parameters<typeof startFakeS3>[0] = (response, { method, path }) => {
      if (path.includes('list-type')) sendPage(response, ['a.jpg'])
      else if (method === denied) sendError(response, 403, 'AccessDenied')
      else response.writeHead(200, { etag: '"e"' }).end(method === 'GET' ? 'a' : undefined)
    }
    const { ok, checks, find } = await lookAtFake(answer, 's3://photos/', { write: true })
    expect(ok).toBe(false)
    expect(find(name)).toMatchObject({ mark: 'failed', found: expect.stringMatching(message) })
    const others = RIGHTS.filter((right) => right !== name)
    for (const other of others) {
      const expected = denied === 'PUT' && other === 's3:DeleteObject' ? 'untried' : 'ok'
      expect(marksOf(checks)[other], other).toBe(expected)
    }
  })

  it('goes on where it may not list: to the file that is named, or to ask for one', async () => {
    const answer: Parameters<typeof startFakeS3>[0] = (response, { path }) => {
      if (path.includes('list-type')) sendError(response, 403, 'AccessDenied')
      else response.writeHead(200, { 'content-length': 1 }).end('a')
    }
    const folder = await lookAtFake(answer, 's3://photos/2024/')
    expect(folder.find('bucket')?.mark).toBe('ok')
    expect(folder.find('s3:ListBucket')?.found).toMatch(/Allow s3:ListBucket on the bucket/)
    expect(folder.find('s3:GetObject')).toMatchObject({
      mark: 'untried',
      found: expect.stringContaining('try s3://photos/2024/photo.jpg'),
    })
    const file = await lookAtFake(answer, 's3://photos/2024/a.jpg')
    expect(file.find('s3:GetObject')).toMatchObject({
      mark: 'ok',
      found: 'read a byte of s3://photos/2024/a.jpg',
    })
  })

  it('does not take an empty folder for one that may be read', async () => {
    const place = `s3://${bucket.name}/empty/`
    const empty = await look(await projectAt(server.endpoint), { places: [place] })
    expect(empty.find('s3:GetObject')).toMatchObject({
      mark: 'untried',
      found: expect.stringContaining('add --write'),
    })
    const denied = await lookAtFake((response, { path, method }) => {
      if (path.includes('list-type')) sendPage(response, [])
      else if (method === 'HEAD') response.writeHead(403).end()
      else sendError(response, 403, 'AccessDenied')
    }, 's3://photos/')
    expect(denied.find('s3:GetObject')).toMatchObject({
      mark: 'failed',
      found: expect.stringContaining('Allow s3:GetObject'),
    })
  })

  it('shows the region that the server names', async () => {
    const { find } = await lookAtFake((response, { headers, path }) => {
      if (headers.authorization?.includes('/eu-central-1/s3/') !== true) {
        sendError(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-central-1' })
      } else if (path.includes('list-type')) sendPage(response, ['a.jpg'])
      else response.writeHead(200, { 'content-length': 1 }).end('a')
    }, 's3://photos/')
    expect(find('region')?.found).toBe('eu-central-1')
    expect(find('s3:GetObject')?.mark).toBe('ok')
  })

  it.each([
    ['InvalidAccessKeyId', /does not know the access key/],
    ['SignatureDoesNotMatch', /secret key most likely/],
    ['ExpiredToken', /credentials have expired/],
  ])('says %s in words, once', async (name, message) => {
    const { find, checks } = await lookAtFake((response) => sendError(response, 403, name), 's3://photos/')
    expect(find('bucket')).toMatchObject({ mark: 'failed', found: expect.stringMatching(message) })
    expect(checks.filter(({ mark }) => mark === 'failed')).toHaveLength(1)
  })

  it('says where credentials lack, and where the profile they came from is', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    const project = await projectAt(server.endpoint)
    const places = [`s3://${bucket.name}/`]
    try {
      const { ok, find } = await look(project, { places })
      expect(ok).toBe(false)
      expect(find('credentials')).toMatchObject({
        mark: 'missing',
        found: expect.stringContaining('no credentials were found. Set AWS_ACCESS_KEY_ID'),
      })
      vi.stubEnv('AWS_PROFILE', 'shop')
      const missing = await look(project, { places, machine: { ...MACHINE, awsProfile: 'shop' } })
      expect(missing.find('credentials')?.found).toMatch(/The profile that was asked is shop\.$/)
      vi.stubEnv('AWS_PROFILE', '')
      await project.write(
        'credentials',
        '[shop]\naws_access_key_id = AKIAEXAMPLE7\naws_secret_access_key = secret9\n',
      )
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', project.at('credentials'))
      const s3 = { endpoint: server.endpoint, profile: 'shop' }
      await project.write('imgproc.config.json', JSON.stringify({ s3 }))
      const shop = await look(project, { places })
      expect(shop.find('credentials')).toMatchObject({ mark: 'ok', found: 'profile shop, key …PLE7' })
      expect(JSON.stringify(shop.checks)).not.toMatch(/secret9|AKIAEXAM/)
    } finally {
      for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
    }
  })

  it('says that the endpoint is no URL', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'minio:9000')
    const { find } = await look(await makeProject(), { places: ['s3://photos/'] })
    vi.stubEnv('AWS_ENDPOINT_URL_S3', '')
    expect(find('endpoint')).toMatchObject({
      mark: 'failed',
      found: expect.stringContaining('"minio:9000" is no URL'),
    })
    expect(find('credentials')).toBeUndefined()
  })
})

describe('the doctor, of other places', () => {
  it('reads over HTTP, and shows no query', async () => {
    fake = await startFakeS3((response, { path }) =>
      path.startsWith('/a.jpg')
        ? response.writeHead(200, { 'content-length': 3 }).end('abc')
        : response.writeHead(404).end(),
    )
    const places = [`${fake.endpoint}/a.jpg?signature=x`, `${fake.endpoint}/b.jpg`]
    const { ok, checks, find } = await look(await makeProject(), { places })
    expect(ok).toBe(false)
    expect(find('read', `${fake.endpoint}/a.jpg`)?.mark).toBe('ok')
    expect(find('read', `${fake.endpoint}/b.jpg`)?.mark).toBe('failed')
    expect(JSON.stringify(checks)).not.toContain('signature')
  })

  it("tries a store of the user's own", async () => {
    const project = await makeProject()
    await project.write(
      'box.mjs',
      `const kept = new Map([['box://in/a.jpg', new Uint8Array(3)]])
      export const box = {
        scheme: 'box',
        async *list(prefix) {
          for (const [ref, { length: size }] of kept) if (ref.startsWith(prefix)) yield { ref, size }
        },
        stat: async (ref) => (kept.has(ref) ? { ref, size: kept.get(ref).length } : undefined),
        read: async (ref) => kept.get(ref),
        write: async (ref, data) => (kept.set(ref, data), { ref, size: data.length }),
      }`,
    )
    await project.write('imgproc.config.json', '{ "stores": { "box": "./box.mjs" } }')
    const { find } = await look(project, { places: ['box://in'], write: true })
    expect(find('file')?.mark).toBe('ok')
    expect(find('list')).toMatchObject({ mark: 'ok', found: 'found box://in/a.jpg' })
    expect(find('read', 'box://in')?.mark).toBe('ok')
    expect(find('write')?.mark).toBe('ok')
    expect(find('delete')).toMatchObject({
      mark: 'failed',
      found: expect.stringContaining('removes nothing'),
    })
  })

  it.each(['photos', './a.jpg', 'data:image/png;base64,AAAA', 's3://', 's3:///a.jpg'])(
    'refuses what is no place: %s',
    async (place) => {
      const wrong = diagnose({ machine: MACHINE, cwd: '.', places: [place] })
      await expect(wrong).rejects.toMatchObject({ code: 'INVALID_USAGE' })
    },
  )
})

describe('docs/s3.md', async () => {
  const blocks = blocksOf(await readFile(new URL('../../docs/s3.md', import.meta.url), 'utf8'))
  const codeOf = (wanted: string) =>
    blocks.filter(({ language }) => language === wanted).map(({ code }) => code)

  it('has a config that loads', async () => {
    const project = await makeProject()
    const [config = ''] = codeOf('yaml')
    await project.write('.imgprocrc.yaml', config)
    expect((await look(project)).find('file')).toMatchObject({
      mark: 'ok',
      found: project.at('.imgprocrc.yaml'),
    })
  })

  it('has policies that allow what the doctor tries, and no more', () => {
    const policies = codeOf('json')
    expect(policies).toHaveLength(3)
    for (const policy of policies) {
      const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] } // as IAM wants it
      const actions = Statement.flatMap(({ Action }) => Action)
      expect(RIGHTS).toEqual(expect.arrayContaining(actions))
      expect(actions.slice(0, 2)).toEqual(['s3:ListBucket', 's3:GetObject'])
    }
  })
})
