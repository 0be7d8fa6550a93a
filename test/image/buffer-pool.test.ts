import { describe, expect, it } from 'vitest'
import { createBuffers } from '../../src/image/buffer-pool.js'

const MB = 1024 * 1024

describe('buffer pool', () => {
  it('returns buffers of the requested size', () => {
    const { take } = createBuffers()
    for (const size of [0, 1, 100, 65_536, 65_537, 3 * MB]) expect(take(size)).toHaveLength(size)
  })

  it('reuses memory that was given back, the smallest that fits first', () => {
    const { take, give } = createBuffers()
    const [large, small] = [take(8 * MB), take(MB)]
    const memories = [large.buffer, small.buffer]
    expect(memories[0]).not.toBe(memories[1])
    give(large)
    give(small)
    expect(take(MB / 2).buffer).toBe(memories[1])
    expect(take(MB / 2).buffer).toBe(memories[0])
    expect(memories).not.toContain(take(MB / 2).buffer)
  })

  it('hands out memory once, even if it was given back twice or in part', () => {
    const { take, give } = createBuffers()
    const first = take(MB)
    give(first.subarray(5, 10))
    give(first)
    expect(take(MB).buffer).toBe(first.buffer)
    expect(take(MB).buffer).not.toBe(first.buffer)
  })

  it('ignores memory of others, and keeps no more than 64 MB', () => {
    const { take, give } = createBuffers()
    const other = Buffer.alloc(MB)
    give(other)
    expect(take(MB).buffer).not.toBe(other.buffer)
    const huge = take(100 * MB)
    give(huge)
    expect(take(100 * MB).buffer).not.toBe(huge.buffer)
  })
})
