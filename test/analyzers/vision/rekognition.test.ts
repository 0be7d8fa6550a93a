import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadAnalyzers } from '../../../src/analyzers/load-analyzers.js'
import { modelsInUse } from '../../../src/analyzers/vision/models-in-use.js'
import type { Faces, Moderation, Objects } from '../../../src/analyzers/vision/types.js'
import { readFacePhoto } from '../../support/faces.js'
import { fixture } from '../../support/pictures.js'
import { find } from '../find.js'

/** Answers in the shape that the API reference of Amazon Rekognition gives. */
const RECORDED: Readonly<Record<string, unknown>> = {
  DetectFaces: {
    FaceDetails: [
      { BoundingBox: { Width: 0.1, Height: 0.15, Left: 0.02, Top: 0.3 }, Confidence: 99.9, Pose: { Yaw: 1 } },
      { BoundingBox: { Width: 0.2, Height: 0.3, Left: 0.4, Top: 0.2 }, Confidence: 98.12345 },
      { BoundingBox: { Width: 0.2, Height: 0.2, Left: 0.9, Top: -0.05 }, Confidence: 91 },
    ],
  },
  DetectLabels: {
    LabelModelVersion: '3.0',
    Labels: [
      { Name: 'Nature', Confidence: 99, Instances: [], Parents: [] },
      {
        Name: 'Person',
        Confidence: 98,
        Instances: [{ BoundingBox: { Width: 0.3, Height: 0.8, Left: 0.1, Top: 0.1 }, Confidence: 97.5 }],
      },
    ],
  },
  DetectModerationLabels: {
    ModerationModelVersion: '7.0',
    ModerationLabels: [
      { Name: 'Alcohol', ParentName: '', Confidence: 99, TaxonomyLevel: 1 },
      { Name: 'Explicit', ParentName: '', Confidence: 83.4, TaxonomyLevel: 1 },
      { Name: 'Explicit Nudity', ParentName: 'Explicit', Confidence: 83.4, TaxonomyLevel: 2 },
    ],
  },
}

interface Failure {
  readonly status: number
  readonly type: string
}

let failures: Failure[] = []
let answers = RECORDED
const requests: { readonly target: string; readonly body: Record<string, unknown> }[] = []

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
}

const server = createServer((request, response) => {
  void (async () => {
    const target = String(request.headers['x-amz-target']).replace('RekognitionService.', '')
    requests.push({ target, body: await bodyOf(request) })
    const failure = failures.shift()
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.statusCode = failure?.status ?? 200
    response.end(
      JSON.stringify(failure === undefined ? answers[target] : { __type: failure.type, message: 'No.' }),
    )
  })()
})

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  vi.stubEnv('AWS_ENDPOINT_URL_REKOGNITION', `http://127.0.0.1:${port}`)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testkey')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testsecret')
})
afterAll(() => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  failures = []
  answers = RECORDED
  requests.length = 0
})

const CLOUD = { faces: 'rekognition', objects: 'rekognition', moderation: 'rekognition' }
const photo = await readFacePhoto('sample6.jpg')

async function ask<F>(name: string, bytes: Uint8Array = photo): Promise<F> {
  const [analyzer] = await loadAnalyzers([name], CLOUD, '.')
  return (await find(analyzer!, bytes)) as F
}

describe('rekognition', () => {
  it('returns faces in the shape of the included analyzer, the most important first', async () => {
    expect(await ask<Faces>('faces')).toEqual({
      model: 'rekognition-faces/1',
      faces: [
        { left: 0.4, top: 0.2, width: 0.2, height: 0.3, score: 0.9812 },
        { left: 0.02, top: 0.3, width: 0.1, height: 0.15, score: 0.999 },
        { left: 0.9, top: 0, width: 0.1, height: 0.15, score: 0.91 },
      ],
    })
    expect(requests).toHaveLength(1)
  })

  it('returns the labels that have a box as objects', async () => {
    expect(await ask<Objects>('objects')).toEqual({
      model: 'rekognition-labels/1',
      objects: [{ left: 0.1, top: 0.1, width: 0.3, height: 0.8, label: 'person', score: 0.975 }],
    })
  })

  it('takes the confidence of unsafe kinds for the score of moderation, and not that of others', async () => {
    expect(await ask<Moderation>('moderation')).toMatchObject({
      unsafe: 0.834,
      classes: [{ name: 'alcohol', score: 0.99 }, {}, {}],
    })
    answers = { DetectModerationLabels: { ModerationLabels: [] } }
    expect(await ask<Moderation>('moderation')).toMatchObject({ unsafe: 0, classes: [] })
  })

  it('finds the most salient point if there is no face', async () => {
    answers = { DetectFaces: { FaceDetails: [] } }
    expect(await ask<Faces>('faces')).toMatchObject({
      faces: [],
      attention: { top: expect.any(Number) as number },
    })
  })

  it.each([
    'photos/cmyk.jpg',
    'photos/grey.jpg',
    'photos/alpha.png',
    'photos/animated.gif',
    'odd/one-pixel.png',
    'odd/wide.png',
  ])('sends %s as an upright JPEG of a size that the service takes', async (file) => {
    await ask<Faces>('faces', await fixture(file))
    const { Bytes } = requests[0]!.body.Image as { Bytes: string }
    const { format, width, height, exif, icc } = await sharp(Buffer.from(Bytes, 'base64')).metadata()
    expect([format, exif, icc]).toEqual(['jpeg', undefined, undefined])
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(80)
    expect(Math.max(width, height)).toBeLessThanOrEqual(1920)
    expect(Bytes.length).toBeLessThan(5_000_000)
  })

  it('tries again when the service fails or asks for fewer requests', async () => {
    failures = [
      { status: 500, type: 'InternalServerError' },
      { status: 400, type: 'ThrottlingException' },
    ]
    expect((await ask<Faces>('faces')).faces).toHaveLength(3)
    expect(requests).toHaveLength(3)
  })

  it('fails at once with the right that is missing', async () => {
    failures = [{ status: 400, type: 'AccessDeniedException' }]
    await expect(ask('moderation')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining('rekognition:DetectModerationLabels') as string,
    })
    expect(requests).toHaveLength(1)
  })

  it('fails at once for a request that is wrong', async () => {
    failures = [{ status: 400, type: 'InvalidImageFormatException' }]
    await expect(ask('faces')).rejects.toMatchObject({ code: 'READ_FAILED', retryable: false })
    expect(requests).toHaveLength(1)
  })

  it('is chosen for names that it has, and its models are those in use', async () => {
    await expect(loadAnalyzers(['pets'], { pets: 'rekognition' }, '.')).rejects.toThrow(
      'rekognition has only faces, moderation, objects.',
    )
    expect(modelsInUse({ faces: 'rekognition' })).toMatchObject({
      faces: 'rekognition-faces/1',
      moderation: expect.stringContaining('nsfwjs') as string,
    })
    expect(modelsInUse({ faces: './own.js' })).not.toHaveProperty('faces')
  })
})
