import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createLambdaHandler } from '../../src/http/lambda.js'
import { addressInEvent } from '../../src/http/lambda-address.js'
import { makeProject } from '../support/project.js'
import { useS3 } from '../stores/s3/setup.js'
import { apiGatewayV1, apiGatewayV2, functionUrl, loadBalancer } from './lambda-events.js'

const PHOTOS = fileURLToPath(new URL('../../fixtures/photos', import.meta.url))

interface Result {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

const EVENTS = { apiGatewayV2, functionUrl, loadBalancer, apiGatewayV1 }
const NAMES = Object.keys(EVENTS) as (keyof typeof EVENTS)[]

async function ask(options: Parameters<typeof createLambdaHandler>[0], event: object): Promise<Result> {
  return (await createLambdaHandler(options)(event, { awsRequestId: 'c6af9ac6' })) as Result // the shape that AWS documents
}

async function localOptions() {
  const project = await makeProject()
  return { root: project.path, sources: { photos: PHOTOS } }
}

describe.each(NAMES)('the Lambda handler, for an event of %s', (name) => {
  const toEvent = EVENTS[name]

  it('answers with a picture in base64, made by the operations in the order of the query', async () => {
    const query = 'thumbnail=200x200%3Afit%3Dcover&rotate=90&format=webp'
    const result = await ask(await localOptions(), toEvent({ path: '/photos/landscape.jpg', query }))
    expect(result).toMatchObject({ statusCode: 200, isBase64Encoded: true })
    const bytes = Buffer.from(result.body, 'base64')
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 200, height: 200 })
    expect(headerOf(result, 'content-type')).toBe('image/webp')
  })

  it('answers 304 without a body to a client that has the picture', async () => {
    const options = await localOptions()
    const asked = { path: '/photos/landscape.jpg', query: 'thumbnail=50' }
    const etag = headerOf(await ask(options, toEvent(asked)), 'etag') ?? ''
    expect(etag).toMatch(/^"[\da-f]{40}"$/)
    const again = await ask(options, toEvent({ ...asked, headers: { 'if-none-match': etag } }))
    expect(again).toMatchObject({ statusCode: 304, body: '' })
  })

  it('answers a mistake with problem+json', async () => {
    const result = await ask(
      await localOptions(),
      toEvent({ path: '/photos/landscape.jpg', query: 'blurr=2' }),
    )
    expect(result.statusCode).toBe(400)
    expect(JSON.parse(Buffer.from(result.body, 'base64').toString())).toMatchObject({
      code: 'UNKNOWN_OPERATION',
    })
  })
})

describe('the address of a client', () => {
  it('is the one that has connected, whatever the client says', () => {
    const spoofed = { path: '/', headers: { 'x-forwarded-for': '10.0.0.1, 72.21.198.66' } }
    const addresses = NAMES.map((name) => [name, addressInEvent(EVENTS[name](spoofed))])
    expect(Object.fromEntries(addresses)).toEqual({
      apiGatewayV2: '205.255.255.176',
      functionUrl: '205.255.255.176',
      apiGatewayV1: '205.255.255.176',
      loadBalancer: '72.21.198.66',
    })
  })

  it('limits the requests that it may send', async () => {
    const options = { ...(await localOptions()), rateLimit: { address: 2 } }
    const handler = createLambdaHandler(options)
    const statuses = []
    for (let index = 0; index < 3; index++) {
      const result = (await handler(
        functionUrl({ path: '/photos/landscape.jpg', query: 'thumbnail=20' }),
      )) as Result
      statuses.push(result.statusCode)
    }
    expect(statuses).toEqual([200, 200, 429])
  })
})

describe('an upload to the Lambda handler', () => {
  it('is finished when it is answered, since the process may stop then', async () => {
    const project = await makeProject()
    const presets = { thumb: { ops: [{ thumbnail: 40 }] } }
    const handler = createLambdaHandler({ root: project.path, presets })
    const send = async (event: object) => {
      const { body } = (await handler(event)) as Result
      return JSON.parse(Buffer.from(body, 'base64').toString()) as { id: string; status: string }
    }
    const picture = await readFile(join(PHOTOS, 'landscape.jpg'), 'base64')
    const uploaded = await send({
      ...functionUrl({
        method: 'POST',
        path: '/v1/images',
        query: 'preset=thumb',
        headers: { 'content-type': 'image/jpeg' },
      }),
      body: picture,
      isBase64Encoded: true,
    })
    const record = await send(functionUrl({ path: `/v1/images/${uploaded.id}` }))
    expect(record.status).toBe('ready')
  })
})

describe('the Lambda handler', () => {
  it('finds a file whose name is encoded in the path of a function URL', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a b%.jpg')
    const options = { root: project.path, sources: { photos: '.' } }
    const result = await ask(options, functionUrl({ path: '/photos/a%20b%25.jpg', query: 'thumbnail=60' }))
    expect(result.statusCode).toBe(200)
  })
})

describe('an answer that is larger than Lambda passes on', () => {
  const server = useS3()
  const large = {
    path: '/photos/landscape.jpg',
    query: 'resize=2200:enlarge=true&format=png:compressionLevel=0',
  }
  const onS3 = () => ({
    store: `s3://${server.bucket.name}/imgproc/`,
    sources: { photos: PHOTOS },
    s3: { endpoint: server.endpoint },
  })

  it('is stored once, and redirected to by a presigned URL that gives type and name', async () => {
    const first = await ask(onS3(), functionUrl(large))
    expect(first).toMatchObject({ statusCode: 302, body: '' })
    expect(first.headers['cache-control']).toBe('public, max-age=60')
    const location = new URL(first.headers.location ?? '')
    expect(location.searchParams.get('X-Amz-Expires')).toBe('300')
    expect(location.searchParams.get('response-content-disposition')).toContain('landscape.png')
    const response = await fetch(location)
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(await sharp(await response.arrayBuffer()).metadata()).toMatchObject({ width: 2200, height: 1650 })

    await ask(onS3(), functionUrl(large))
    const { KeyCount } = await server.bucket.client.send(
      new ListObjectsV2Command({ Bucket: server.bucket.name, Prefix: 'imgproc/large/' }),
    )
    expect(KeyCount).toBe(1)
  })

  it('leaves no result unwritten when it is answered', async () => {
    await ask(onS3(), functionUrl({ path: '/photos/landscape.jpg', query: 'thumbnail=31' }))
    const { Contents = [] } = await server.bucket.client.send(
      new ListObjectsV2Command({ Bucket: server.bucket.name, Prefix: 'imgproc/cache/' }),
    )
    expect(Contents.length).toBeGreaterThan(0)
  })

  it('needs a store in S3', async () => {
    const result = await ask(await localOptions(), functionUrl(large))
    expect(result.statusCode).toBe(500)
    const { detail } = JSON.parse(Buffer.from(result.body, 'base64').toString()) as { detail: string }
    expect(detail).toContain('set serve.store to an s3:// URL')
  })

  it('begins at 1 MB behind a load balancer', async () => {
    const middle = { path: '/photos/landscape.jpg', query: 'format=png:compressionLevel=0' }
    expect(await ask(onS3(), loadBalancer(middle))).toMatchObject({ statusCode: 302 })
    expect(await ask(onS3(), functionUrl(middle))).toMatchObject({ statusCode: 200 })
  })
})

function headerOf({ headers, multiValueHeaders }: Result, name: string): string | undefined {
  return headers?.[name] ?? multiValueHeaders?.[name]?.[0]
}
