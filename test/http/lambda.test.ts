import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createLambdaHandler } from '../../src/http/lambda.js'
import { makeProject } from '../support/project.js'

/** An event of a function URL, as far as it matters. */
function eventOf(path: string, query: string) {
  const http = { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' }
  const domainName = 'abc.lambda-url.eu-central-1.on.aws'
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: domainName },
    requestContext: { http, domainName, requestId: 'r', stage: '$default', time: '', timeEpoch: 0 },
    isBase64Encoded: false,
    body: null,
  }
}

describe('createLambdaHandler', () => {
  it('answers an event of a function URL with an image in base64', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a b.jpg')
    const handle = createLambdaHandler({ root: project.path, sources: { photos: 'photos' } })
    const result = await handle(eventOf('/photos/a%20b.jpg', 'thumbnail=60&rotate=90'))
    expect(result).toMatchObject({
      statusCode: 200,
      isBase64Encoded: true,
      headers: { 'content-type': 'image/jpeg', etag: expect.any(String) },
    })
    const { body } = result as { body: string } // as matched above
    const { height } = await sharp(Buffer.from(body, 'base64')).metadata()
    expect(height).toBe(60)
  })
})
