import { describe, expect, it } from 'vitest'
import { readAccept } from '../../../src/http/request/negotiate-format.js'

describe('readAccept', () => {
  it.each([
    ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'avif'],
    ['image/jxl,image/avif,image/webp,image/*,*/*;q=0.8', 'jxl'],
    ['image/avif,image/jxl;q=0,image/webp', 'avif'],
    ['image/jxl,image/webp', 'webp'],
    ['image/webp,*/*', 'webp'],
    ['text/html, image/avif;q=0.5', 'avif'],
    ['IMAGE/WEBP', 'webp'],
    ['image/avif;q=0, image/webp', 'webp'],
    ['image/avif;q=0.000,image/webp;q=0', 'basic'],
    ['image/avif-sequence', 'basic'],
    ['image/*', 'basic'],
    ['*/*', 'basic'],
    ['', 'basic'],
    [undefined, 'basic'],
  ])('finds in %s the best format: %s', (header, expected) => {
    expect(readAccept(header)).toBe(expected)
  })
})
