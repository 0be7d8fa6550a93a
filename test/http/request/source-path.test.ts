import { describe, expect, it } from 'vitest'
import { resolveSourcePath } from '../../../src/http/request/source-path.js'

const sources = new Map([
  ['photos', '/srv/photos'],
  ['shop', 's3://shop/originals'],
  ['web', 'https://cdn.example'],
])

const refOf = (path: string) => resolveSourcePath(path, sources)?.ref

describe('resolveSourcePath', () => {
  it('finds files on the disk, in S3 and on the web', () => {
    expect(refOf('/photos/a/b.jpg')).toBe('/srv/photos/a/b.jpg')
    expect(refOf('/shop/a/b.jpg')).toBe('s3://shop/originals/a/b.jpg')
    expect(refOf('/web/a/b.jpg')).toBe('https://cdn.example/a/b.jpg')
  })

  it('decodes names, and encodes them for the web only', () => {
    expect(refOf('/photos/my%20photo%20%C3%A4.jpg')).toBe('/srv/photos/my photo ä.jpg')
    expect(refOf('/shop/100%25%20sure%3F.jpg')).toBe('s3://shop/originals/100% sure?.jpg')
    expect(refOf('/web/a%3Fb%23c.jpg')).toBe('https://cdn.example/a%3Fb%23c.jpg')
  })

  it.each([
    '/photos',
    '/photos/',
    '/photos//a.jpg',
    '/photos/a/',
    '/photos/../secret.jpg',
    '/photos/a/../../secret.jpg',
    '/photos/%2e%2e/secret.jpg',
    '/photos/%2E%2E%2Fsecret.jpg',
    '/photos/a%2f..%2f..%2fsecret.jpg',
    '/photos/..%5csecret.jpg',
    '/photos/a%5c..%5csecret.jpg',
    '/photos/%252e%252e/..%2fsecret.jpg',
    '/photos/.env',
    '/photos/.git/config',
    '/photos/a/%2ehidden.jpg',
    '/photos/a.jpg%00.png',
    '/photos/a%0a.jpg',
    '/web/..%2f..%2fadmin',
    '/other/a.jpg',
    '/toString/a.jpg',
    '/',
  ])('finds nothing at %s', (path) => {
    expect(resolveSourcePath(path, sources)).toBeUndefined()
  })

  it('explains broken percent-encoding', () => {
    expect(() => refOf('/photos/a%ff.jpg')).toThrow(
      expect.objectContaining({ code: 'INVALID_USAGE', message: expect.stringContaining('a%ff.jpg') }),
    )
  })
})
