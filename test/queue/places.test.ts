import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/jobs/types.js'
import { checkPlaces } from '../../src/queue/places.js'
import { result } from '../manifest/results.js'

function jobWith(ref: string, out = 's3://shop/img', image?: string): Job {
  const { job } = result('a.jpg', [])
  const ops = image === undefined ? [] : [{ watermark: { image } }]
  return {
    ...job,
    source: { ref, size: 1 },
    out,
    renditions: [{ preset: 'thumb', target: 'a.jpg', ops, recipe: 'r' }],
  }
}

describe('places of a queue', () => {
  it.each([
    ['s3', jobWith('s3://shop/originals/a b?.jpg')],
    ['a plain URL', jobWith('https://cdn.example/a.jpg')],
    ['a shared folder', jobWith('/mnt/photos/2024/a.jpg', '/mnt/photos/out')],
    ['a watermark in a shared folder', jobWith('s3://shop/a.jpg', 's3://shop/img', '/mnt/photos/logo.png')],
  ])('may be %s', (_, job) => {
    expect(() => checkPlaces(job, ['/mnt/photos'])).not.toThrow()
  })

  it.each([
    ['a local source', jobWith('/home/me/a.jpg'), '/home/me/a.jpg is on the disk of one machine'],
    ['a local output', jobWith('s3://shop/a.jpg', '/home/me/out'), '--shared /home/me/out'],
    ['a neighbour of a shared folder', jobWith('/mnt/photos2/a.jpg'), '--shared /mnt/photos2'],
    ['a way out of a shared folder', jobWith('/mnt/photos/../secret/a.jpg'), 'the disk of one machine'],
    [
      'a local watermark',
      jobWith('s3://shop/a.jpg', 's3://shop/img', '/home/me/logo.png'),
      '/home/me/logo.png',
    ],
    ['stdin', jobWith('-'), 'stdin and stdout cannot go through a queue'],
    ['a data URL', jobWith('data:image/png;base64,AAAA'), 'a data: URL cannot go through a queue'],
  ])('may not be %s', (_, job, message) => {
    expect(() => checkPlaces(job, ['/mnt/photos'])).toThrow(
      expect.objectContaining({ code: 'INVALID_USAGE', message: expect.stringContaining(message) }),
    )
  })

  it.each([
    ['a password', 'https://me:s3cret@cdn.example/a.jpg'],
    ['a signature', 'https://cdn.example/a.jpg?X-Amz-Signature=s3cret'],
    ['a password of another store', 'ftp://me:s3cret@cdn.example/a.jpg'],
  ])('may not hold %s, which the error does not repeat', (_, ref) => {
    const check = () => checkPlaces(jobWith(ref), [])
    expect(check).toThrow('may be credentials')
    expect(check).not.toThrow('s3cret')
  })
})
