import { describe, expect, it, vi } from 'vitest'
import { createWorkQueue } from '../../../src/http/uploads/work-queue.js'

/** Work that ends when the test says so. */
function createManualWork() {
  const ends = new Map<string, () => void>()
  const started: string[] = []
  return {
    started,
    work: (id: string) =>
      new Promise<void>((resolve) => {
        started.push(id)
        ends.set(id, resolve)
      }),
    end: async (id: string) => {
      ends.get(id)?.()
      await new Promise(setImmediate)
    },
  }
}

const ignore = () => {}

describe('createWorkQueue', () => {
  it('starts what is urgent first, and else the oldest, no more than may run', async () => {
    const { started, work, end } = createManualWork()
    const queue = createWorkQueue({ concurrency: 2, size: 10, work, onError: ignore })
    queue.add('a', 'low')
    queue.add('b', 'low')
    queue.add('c', 'low')
    queue.add('d', 'normal')
    queue.add('e', 'high')
    queue.add('f', 'normal')
    expect(started).toEqual(['a', 'b'])
    for (const id of ['a', 'b', 'e', 'd', 'f', 'c']) await end(id)
    expect(started).toEqual(['a', 'b', 'e', 'd', 'f', 'c'])
  })

  it('is idle when neither what is in work nor what waits is left', async () => {
    const { work, end } = createManualWork()
    const queue = createWorkQueue({ concurrency: 1, size: 10, work, onError: ignore })
    await queue.idle()
    queue.add('a', 'normal')
    queue.add('b', 'normal')
    let isIdle = false
    const idle = queue.idle().then(() => (isIdle = true))
    await end('a')
    expect(isIdle).toBe(false)
    await end('b')
    await idle
  })

  it('works once more on an image that is added while it is in work', async () => {
    const { started, work, end } = createManualWork()
    const queue = createWorkQueue({ concurrency: 1, size: 10, work, onError: ignore })
    queue.add('a', 'normal')
    queue.add('a', 'normal')
    queue.add('a', 'high')
    let isSettled = false
    const settled = queue.settled('a').then(() => (isSettled = true))
    await end('a')
    expect([started, isSettled]).toEqual([['a', 'a'], false])
    await end('a')
    await settled
    expect(started).toEqual(['a', 'a'])
  })

  it('refuses places beyond its size, also to images that are still arriving', async () => {
    const { work, end } = createManualWork()
    const queue = createWorkQueue({ concurrency: 1, size: 2, work, onError: ignore })
    queue.add('a', 'normal')
    queue.add('b', 'normal')
    const leave = queue.enter()
    expect(() => queue.enter()).toThrow(expect.objectContaining({ code: 'OVERLOADED', status: 503 }))
    leave()
    leave()
    queue.enter()
    expect(() => queue.enter()).toThrow(/2 images are waiting/)
    await end('a')
    expect(() => queue.enter()).not.toThrow()
  })

  it('drops an image that waits, and says that one is in work', async () => {
    const { started, work, end } = createManualWork()
    const queue = createWorkQueue({ concurrency: 1, size: 9, work, onError: ignore })
    queue.add('a', 'normal')
    queue.add('b', 'normal')
    expect([queue.drop('b'), queue.drop('a'), queue.drop('c')]).toEqual([false, true, false])
    await queue.settled('b')
    await end('a')
    expect(started).toEqual(['a'])
  })

  it('tries failed work again', async () => {
    let attempts = 0
    const onError = vi.fn<(error: unknown, id: string) => void>()
    const work = async () => {
      attempts++
      if (attempts === 1) throw new Error('disk')
    }
    const queue = createWorkQueue({ concurrency: 1, size: 9, work, onError, retrySeconds: 0.001 })
    queue.add('a', 'normal')
    await expect.poll(() => attempts).toBe(2)
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.any(Error), 'a')
  })

  it('starts nothing after it was stopped, and waits for what is in work', async () => {
    const { started, work, end } = createManualWork()
    const queue = createWorkQueue({ concurrency: 1, size: 9, work, onError: ignore })
    queue.add('a', 'normal')
    queue.add('b', 'normal')
    let isStopped = false
    const stopped = queue.stop().then(() => (isStopped = true))
    queue.add('c', 'normal')
    await new Promise(setImmediate)
    expect(isStopped).toBe(false)
    await end('a')
    await stopped
    expect(started).toEqual(['a'])
  })
})
