import { describe, expect, it } from 'vitest'
import { splitUrl } from '../../../src/http/request/split-url.js'

describe('splitUrl', () => {
  it.each([
    ['http://host:1/a%20b.jpg?x=1&x=%32#part', { path: '/a%20b.jpg', query: 'x=1&x=%32' }],
    ['http://host/a?', { path: '/a', query: '' }],
    ['http://host', { path: '/', query: '' }],
    ['http://host?x=/a', { path: '/', query: 'x=/a' }],
    ['http://host/a?b=c?d', { path: '/a', query: 'b=c?d' }],
  ])('keeps the spelling of %s', (url, expected) => {
    expect(splitUrl(url)).toEqual(expected)
  })
})
