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
const ACTIONS = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject']

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

/** Diagnoses a project. `find` returns a check by its name, and optionally by `about`. */
async function diagnoseIn(project: Project, options: Partial<DoctorOptions> = {}) {
  const { ok, checks } = await diagnose({ machine: MACHINE, cwd: project.path, ...options })
  const find = (name: string, about?: string): Check | undefined =>
    checks.find((check) => check.name === name && (about === undefined || check.about === about))
  return { ok, checks, find }
}

/** Creates a project whose config sets the S3 endpoint. */
async function makeProjectWith(endpoint: string): Promise<Project> {
  const project = await makeProject()
  await project.write('imgproc.config.json', JSON.stringify({ s3: { endpoint } }))
  return project
}

/** Diagnoses a location on a fake server. `seen` are the requests that it received. */
async function diagnoseFake(
  answer: Parameters<typeof startFakeS3>[0],
  location: string,
  options: Partial<DoctorOptions> = {},
) {
  await fake?.stop()
  fake = await startFakeS3(answer)
  const found = await diagnoseIn(await makeProjectWith(fake.endpoint), { locations: [location], ...options })
  return { ...found, seen: fake.seen }
}

const marksOf = (checks: readonly Check[]) =>
  Object.fromEntries(
    checks.filter(({ name }) => ACTIONS.includes(name)).map(({ name, mark }) => [name, mark]),
  )

describe('doctor: machine', () => {
  it('reports versions, formats, threads and memory', async () => {
    const { ok, find } = await diagnoseIn(await makeProject())
    expect(ok).toBe(true)
    expect(find('Node.js')?.found).toBe(process.versions.node)
    expect(find('sharp')?.found).toMatch(/^0\.\d+\.\d+$/)
    expect(find('read')?.found).toBe('jpeg, png, webp, avif, gif, tiff, svg, bmp, ico, cur, pnm, qoi')
    expect(find('written')?.found).toBe('jpeg, png, webp, avif, gif, tiff')
    expect(find('avif frames')).toMatchObject({ mark: 'ok', found: 'all are read' })
    expect(find('heic')).toMatchObject({ mark: 'ok', found: 'read, by heic-decode' })
    expect(find('jxl')).toMatchObject({ mark: 'ok', found: 'read and written, by wasm-vips' })
    expect(find('machine', 'memory')?.found).toMatch(/^\d+\.\d GB, \d+\.\d GB free$/)
    expect(find('limit')).toBeUndefined()
    expect(find('file')?.found).toMatch(/^none in .* or above/)
  })

  it('reports the memory limit of the process', async () => {
    const { find } = await diagnoseIn(await makeProject(), { machine: { ...MACHINE, memoryLimit: 5e8 } })
    expect(find('limit')?.found).toBe('0.5 GB for this process')
  })

  it('reports too few threads for the concurrency, taken from the environment or else the config', async () => {
    const project = await makeProject()
    await project.write('imgproc.config.json', '{ "concurrency": 8 }')
    const few = await diagnoseIn(project, { machine: { ...MACHINE, poolThreads: 4 } })
    expect(few.ok).toBe(false)
    expect(few.find('pool')).toMatchObject({
      mark: 'missing',
      found: '4 for 8 images at once: set UV_THREADPOOL_SIZE to 10, or concurrency to 4',
    })
    const enough = await diagnoseIn(project, { machine: { ...MACHINE, poolThreads: 4, concurrency: 3 } })
    expect(enough.find('pool')).toMatchObject({ mark: 'ok', found: '4' })
  })
})

describe('doctor: config', () => {
  it('names the file, either the nearest or the given one', async () => {
    const project = await makeProject()
    await project.write('.imgprocrc.yaml', 'out: img')
    await project.write('other.yaml', 'out: img')
    expect((await diagnoseIn(project)).find('file')).toMatchObject({
      mark: 'ok',
      found: project.at('.imgprocrc.yaml'),
    })
    const other = await diagnoseIn(project, { configFile: 'other.yaml' })
    expect(other.find('file')?.found).toBe(project.at('other.yaml'))
  })

  it('reports an invalid config, and runs the other checks', async () => {
    const project = await makeProject()
    await project.write('imgproc.config.json', '{ "presetz": {} }')
    const { ok, find } = await diagnoseIn(project)
    expect(ok).toBe(false)
    expect(find('file')?.mark).toBe('failed')
    expect(find('file')?.found).toMatch(/imgproc\.config\.json.*presetz.*"presets"/s)
    expect(find('Node.js')?.mark).toBe('ok')
  })

  it('reports a custom store that does not load', async () => {
    const project = await makeProject()
    await project.write('imgproc.config.json', '{ "stores": { "ftp": "./ftp.mjs" } }')
    expect((await diagnoseIn(project)).find('file')?.found).toMatch(
      /The store "ftp": there is no \.\/ftp\.mjs/,
    )
  })
})

describe('doctor: bucket', () => {
  it('lists and reads, but does not write without being asked', async () => {
    await bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key: 'p/a b.jpg', Body: 'abc' }))
    const location = `s3://${bucket.name}/p/`
    const { ok, checks, find } = await diagnoseIn(await makeProjectWith(server.endpoint), {
      locations: [location],
    })
    expect(ok).toBe(true)
    expect(find('credentials')?.found).toBe('AWS_ACCESS_KEY_ID in the environment, key …tkey')
    expect(find('endpoint')?.found).toBe(server.endpoint)
    expect(find('region')?.found).toBe('us-east-1')
    expect(find('path style')?.found).toBe('yes: server/bucket/key')
    expect(find('bucket')?.mark).toBe('ok')
    expect(find('s3:ListBucket')?.found).toBe(`found ${location}a b.jpg`)
    expect(find('s3:GetObject')?.found).toBe(`read a byte of ${location}a b.jpg`)
    expect(find('s3:PutObject')).toMatchObject({ mark: 'untried', found: expect.stringContaining('--write') })
    expect(find('s3:DeleteObject')?.mark).toBe('untried')
    expect(JSON.stringify(checks)).not.toContain('testsecret')
  })

  it('writes a test file with write, and deletes it', async () => {
    const { store, pattern, cleanup } = await bucket.setup()
    await cleanup()
    const location = `s3://${bucket.name}/out`
    const { ok, checks, find } = await diagnoseIn(await makeProjectWith(server.endpoint), {
      locations: [location],
      write: true,
    })
    expect(ok).toBe(true)
    expect(marksOf(checks)).toEqual(Object.fromEntries(ACTIONS.map((name) => [name, 'ok'])))
    expect(find('s3:ListBucket')?.found).toBe(`${location}/ is empty`)
    expect(find('s3:PutObject')?.found).toMatch(/^wrote s3:\/\/.*\/out\/\.imgproc-doctor-[\da-f]{16}$/)
    expect(find('s3:GetObject')?.found).toMatch(/^read a byte of s3:\/\/.*\/out\/\.imgproc-doctor-/)
    const left = []
    for await (const { ref } of store.list(pattern('**'))) left.push(ref)
    expect(left).toEqual([])
  })

  it('checks the folder of a glob, and the object that a URL names', async () => {
    const prefixes: (string | null)[] = []
    for (const location of ['s3://photos/2024/**/*.jpg', 's3://photos/2024/a.jpg', 's3://photos/2024']) {
      const { seen, find } = await diagnoseFake((response, { path }) => {
        if (path.includes('list-type')) sendPage(response, ['2024/first.jpg'])
        else response.writeHead(200, { 'content-length': 1 }).end('a')
      }, location)
      const lists = seen.filter(({ path }) => path.includes('list-type'))
      prefixes.push(...lists.map(({ path }) => new URL(path, 'http://x').searchParams.get('prefix')))
      const read = location.endsWith('/a.jpg') ? location : 's3://photos/2024/first.jpg'
      expect(find('s3:GetObject')?.found).toBe(`read a byte of ${read}`)
    }
    expect(prefixes).toEqual(['2024/', '2024/', '2024/'])
  })

  it('distinguishes a missing bucket from missing permissions', async () => {
    const project = await makeProjectWith(server.endpoint)
    const { ok, checks, find } = await diagnoseIn(project, {
      locations: ['s3://no-such-bucket/'],
      write: true,
    })
    expect(ok).toBe(false)
    expect(find('bucket')).toMatchObject({
      mark: 'failed',
      found: expect.stringContaining('there is no bucket'),
    })
    expect(marksOf(checks)).toEqual(Object.fromEntries(ACTIONS.map((name) => [name, 'untried'])))
  })

  it.each([
    ['GET', 's3:GetObject', /access denied\. Allow s3:GetObject on the key/],
    ['PUT', 's3:PutObject', /access denied\. Allow s3:PutObject on the key/],
    [
      'DELETE',
      's3:DeleteObject',
      /Allow s3:DeleteObject on the key.* is left over: delete it by other means/,
    ],
  ])('names the missing permission when %s is denied', async (denied, name, message) => {
    const answer: Parameters<typeof startFakeS3>[0] = (response, { method, path }) => {
      if (path.includes('list-type')) sendPage(response, ['a.jpg'])
      else if (method === denied) sendError(response, 403, 'AccessDenied')
      else response.writeHead(200, { etag: '"e"' }).end(method === 'GET' ? 'a' : undefined)
    }
    const { ok, checks, find } = await diagnoseFake(answer, 's3://photos/', { write: true })
    expect(ok).toBe(false)
    expect(find(name)).toMatchObject({ mark: 'failed', found: expect.stringMatching(message) })
    const others = ACTIONS.filter((right) => right !== name)
    for (const other of others) {
      const expected = denied === 'PUT' && other === 's3:DeleteObject' ? 'untried' : 'ok'
      expect(marksOf(checks)[other], other).toBe(expected)
    }
  })

  it('reads the named object when listing is denied, or asks for one', async () => {
    const answer: Parameters<typeof startFakeS3>[0] = (response, { path }) => {
      if (path.includes('list-type')) sendError(response, 403, 'AccessDenied')
      else response.writeHead(200, { 'content-length': 1 }).end('a')
    }
    const folder = await diagnoseFake(answer, 's3://photos/2024/')
    expect(folder.find('bucket')?.mark).toBe('ok')
    expect(folder.find('s3:ListBucket')?.found).toMatch(/Allow s3:ListBucket on the bucket/)
    expect(folder.find('s3:GetObject')).toMatchObject({
      mark: 'untried',
      found: expect.stringContaining('such as s3://photos/2024/photo.jpg'),
    })
    const file = await diagnoseFake(answer, 's3://photos/2024/a.jpg')
    expect(file.find('s3:GetObject')).toMatchObject({
      mark: 'ok',
      found: 'read a byte of s3://photos/2024/a.jpg',
    })
  })

  it('does not report an empty folder as readable', async () => {
    const location = `s3://${bucket.name}/empty/`
    const empty = await diagnoseIn(await makeProjectWith(server.endpoint), { locations: [location] })
    expect(empty.find('s3:GetObject')).toMatchObject({
      mark: 'untried',
      found: expect.stringContaining('add --write'),
    })
    const denied = await diagnoseFake((response, { path, method }) => {
      if (path.includes('list-type')) sendPage(response, [])
      else if (method === 'HEAD') response.writeHead(403).end()
      else sendError(response, 403, 'AccessDenied')
    }, 's3://photos/')
    expect(denied.find('s3:GetObject')).toMatchObject({
      mark: 'failed',
      found: expect.stringContaining('Allow s3:GetObject'),
    })
  })

  it('shows the region that the server redirects to', async () => {
    const { find } = await diagnoseFake((response, { headers, path }) => {
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
    ['SignatureDoesNotMatch', /most likely because the secret key is wrong/],
    ['ExpiredToken', /credentials have expired/],
  ])('explains %s once', async (name, message) => {
    const { find, checks } = await diagnoseFake((response) => sendError(response, 403, name), 's3://photos/')
    expect(find('bucket')).toMatchObject({ mark: 'failed', found: expect.stringMatching(message) })
    expect(checks.filter(({ mark }) => mark === 'failed')).toHaveLength(1)
  })

  it('reports missing credentials, and the profile that credentials came from', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    const project = await makeProjectWith(server.endpoint)
    const locations = [`s3://${bucket.name}/`]
    try {
      const { ok, find } = await diagnoseIn(project, { locations })
      expect(ok).toBe(false)
      expect(find('credentials')).toMatchObject({
        mark: 'missing',
        found: expect.stringContaining('no credentials were found. Set AWS_ACCESS_KEY_ID'),
      })
      vi.stubEnv('AWS_PROFILE', 'shop')
      const missing = await diagnoseIn(project, { locations, machine: { ...MACHINE, awsProfile: 'shop' } })
      expect(missing.find('credentials')?.found).toMatch(/The profile is shop\.$/)
      vi.stubEnv('AWS_PROFILE', '')
      await project.write(
        'credentials',
        '[shop]\naws_access_key_id = AKIAEXAMPLE7\naws_secret_access_key = secret9\n',
      )
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', project.at('credentials'))
      const s3 = { endpoint: server.endpoint, profile: 'shop' }
      await project.write('imgproc.config.json', JSON.stringify({ s3 }))
      const shop = await diagnoseIn(project, { locations })
      expect(shop.find('credentials')).toMatchObject({ mark: 'ok', found: 'profile shop, key …PLE7' })
      expect(JSON.stringify(shop.checks)).not.toMatch(/secret9|AKIAEXAM/)
    } finally {
      for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
    }
  })

  it('reports an endpoint that is not a URL', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'minio:9000')
    const { find } = await diagnoseIn(await makeProject(), { locations: ['s3://photos/'] })
    vi.stubEnv('AWS_ENDPOINT_URL_S3', '')
    expect(find('endpoint')).toMatchObject({
      mark: 'failed',
      found: expect.stringContaining('"minio:9000" is not a URL'),
    })
    expect(find('credentials')).toBeUndefined()
  })
})

describe('doctor: other locations', () => {
  it('reads over HTTP, and hides the query', async () => {
    fake = await startFakeS3((response, { path }) =>
      path.startsWith('/a.jpg')
        ? response.writeHead(200, { 'content-length': 3 }).end('abc')
        : response.writeHead(404).end(),
    )
    const locations = [`${fake.endpoint}/a.jpg?signature=x`, `${fake.endpoint}/b.jpg`]
    const { ok, checks, find } = await diagnoseIn(await makeProject(), { locations })
    expect(ok).toBe(false)
    expect(find('read', `${fake.endpoint}/a.jpg`)?.mark).toBe('ok')
    expect(find('read', `${fake.endpoint}/b.jpg`)?.mark).toBe('failed')
    expect(JSON.stringify(checks)).not.toContain('signature')
  })

  it('checks a custom store', async () => {
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
    const { find } = await diagnoseIn(project, { locations: ['box://in'], write: true })
    expect(find('file')?.mark).toBe('ok')
    expect(find('list')).toMatchObject({ mark: 'ok', found: 'found box://in/a.jpg' })
    expect(find('read', 'box://in')?.mark).toBe('ok')
    expect(find('write')?.mark).toBe('ok')
    expect(find('delete')).toMatchObject({
      mark: 'failed',
      found: expect.stringContaining('has no function remove'),
    })
  })

  it.each(['photos', './a.jpg', 'data:image/png;base64,AAAA', 's3://', 's3:///a.jpg'])(
    'rejects a location that is not a URL of a store: %s',
    async (location) => {
      const wrong = diagnose({ machine: MACHINE, cwd: '.', locations: [location] })
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
    expect((await diagnoseIn(project)).find('file')).toMatchObject({
      mark: 'ok',
      found: project.at('.imgprocrc.yaml'),
    })
  })

  it('has policies that allow the requests of the doctor, and no others', () => {
    const policies = codeOf('json')
    expect(policies).toHaveLength(3)
    for (const policy of policies) {
      const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] } // as IAM wants it
      const actions = Statement.flatMap(({ Action }) => Action)
      expect(ACTIONS).toEqual(expect.arrayContaining(actions))
      expect(actions.slice(0, 2)).toEqual(['s3:ListBucket', 's3:GetObject'])
    }
  })
})
