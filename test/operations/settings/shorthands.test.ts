import { describe, expect, it } from 'vitest'
import { readOps } from '../../../src/operations/parse-operations.js'
import { toBytes } from '../../../src/operations/settings/format.js'
import { opOf } from '../../support/inputs.js'

const paramsOf = (name: string, input: unknown): unknown => readOps([opOf(name, input)])[0]?.params

describe('shorthand', () => {
  it.each<[name: string, input: unknown, params: object]>([
    ['autoOrient', false, { enabled: false }],
    ['density', 300, { dpi: 300 }],
    ['metadata', 'strip', { keep: 'nothing' }],
    ['metadata', 'keep', { keep: 'everything' }],
    ['metadata', 'icc', { keep: ['icc'] }],
    ['metadata', 'icc:gps', { keep: ['icc', 'gps'] }],
    ['metadata', 'icc,gps', { keep: ['icc', 'gps'] }],
    ['metadata', ['exif', 'xmp'], { keep: ['exif', 'xmp'] }],
    ['preview', 'embedded', { source: 'embedded' }],
    ['format', 'webp', { type: 'webp' }],
    ['trim', true, { threshold: 10, margin: 0 }],
    ['trim', 5, { threshold: 5, margin: 0 }],
    ['clahe', 8, { width: 8, height: 8, maxSlope: 3 }],
    ['sharpen', 2, { sigma: 2, m1: 1, m2: 2, x1: 2, y2: 10, y3: 20 }],
    ['crop', '20x10', { width: 20, height: 10, position: 'centre' }],
    ['crop', '20x10@3x4', { width: 20, height: 10, left: 3, top: 4, position: 'centre' }],
    ['thumbnail', 20, { width: 20, height: 20, fit: 'inside', position: 'centre' }],
    ['thumbnail', '20x10', { width: 20, height: 10, fit: 'inside', position: 'centre' }],
  ])('stands for parameters of %s: %j', (name, input, params) => {
    expect(paramsOf(name, input)).toEqual(params)
  })

  it.each<[input: unknown, params: object]>([
    [20, { width: 20, fit: 'cover' }],
    ['20x10', { width: 20, height: 10, fit: 'cover' }],
    ['x10', { height: 10, fit: 'cover' }],
    ['50%', { width: '50%', height: '50%', fit: 'fill' }],
  ])('stands for a size of resize: %j', (input, params) => {
    const others = { position: 'centre', background: 'transparent', kernel: 'lanczos3', enlarge: false }
    expect(paramsOf('resize', input)).toEqual({ ...others, ...params })
  })
})

describe('format', () => {
  it('accepts similarity only with quality auto', () => {
    expect(paramsOf('format', 'webp:quality=auto:similarity=0.9')).toMatchObject({ similarity: 0.9 })
    expect(() => paramsOf('format', 'webp:quality=80:similarity=0.9')).toThrow(
      "format: similarity: expected nothing without quality: 'auto', got 0.9",
    )
    expect(() => paramsOf('format', 'webp:similarity=0.9')).toThrow('expected nothing without quality')
    expect(paramsOf('format', 'webp:quality=80')).toEqual({ type: 'webp', quality: 80 })
  })
})

describe('toBytes', () => {
  it.each<[size: number | string, bytes: number]>([
    [100_000, 100_000],
    ['12B', 12],
    ['100KB', 100_000],
    ['100 kb', 100_000],
    ['1.5MB', 1_500_000],
    ['2GB', 2_000_000_000],
    ['1KiB', 1024],
    ['1.5 MiB', 1_572_864],
    ['2GiB', 2_147_483_648],
    ['1.2345KB', 1234],
  ])('reads %j as %i', (size, bytes) => {
    expect(toBytes(size)).toBe(bytes)
  })
})
