import { EventEmitter } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ImgprocError } from '../../src/errors.js'
import { createDisposablePool, type DisposablePoolOptions } from '../../src/utils/disposable-pool.js'

/** A worker that does as the request says, and answers with its own number. */
class FakeWorker extends EventEmitter {
  isAlive = true
  isReferenced = true
  readonly id: number

  constructor(id: number) {
    super()
    this.id = id
  }

  send(request: string): void {
    if (request === 'throw') throw new TypeError('cannot be sent')
    setTimeout(() => {
      if (request === 'crash') this.emit('error', new Error('out of memory'))
      else if (request === 'exit') this.kill()
      else if (request !== 'hang') this.emit('message', { id: this.id, request })
    }, 5)
  }

  kill(): void {
    if (this.isAlive) this.emit('exit')
    this.isAlive = false
  }
}

interface Answer {
  readonly id: number
  readonly request: string
}

type Options = DisposablePoolOptions<FakeWorker, string, Answer>

function createPool(options: Partial<Options> = {}) {
  const workers: FakeWorker[] = []
  const pool = createDisposablePool<FakeWorker, string, Answer>({
    size: 2,
    idleSeconds: 60,
    start() {
      const worker = new FakeWorker(workers.length)
      workers.push(worker)
      return worker
    },
    send: (worker, request) => worker.send(request),
    kill: (worker) => worker.kill(),
    ref(worker) {
      worker.isReferenced = true
    },
    unref(worker) {
      worker.isReferenced = false
    },
    createTimeoutError: () => new ImgprocError('TIMED_OUT', 'too slow'),
    createCrashError: (cause) => new ImgprocError('INTERNAL', 'crashed', { cause }),
    ...options,
  })
  const call = (request: string, seconds = 10, signal?: AbortSignal) =>
    pool.call(request, { seconds, signal })
  return { pool, call, workers, alive: () => workers.filter(({ isAlive }) => isAlive).length }
}

describe('disposable pool', () => {
  it('starts no more workers than its size, and reuses them', async () => {
    const { call, workers } = createPool()
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((request) => call(request)))
    expect(answers.map(({ request }) => request)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(workers).toHaveLength(2)
  })

  it('prefers the worker that was used last', async () => {
    const { call } = createPool()
    const [, second] = await Promise.all([call('a'), call('b')])
    expect((await call('c')).id).toBe(second.id)
    expect((await call('d')).id).toBe(second.id)
  })

  it('lets the process end only while a worker is idle', async () => {
    const { call, workers } = createPool()
    const first = call('a')
    await wait(0)
    expect(workers[0]!.isReferenced).toBe(true)
    await first
    expect(workers[0]!.isReferenced).toBe(false)
    const second = call('b')
    await wait(0)
    expect(workers[0]!.isReferenced).toBe(true)
    await second
  })

  it('kills a worker that has been idle for too long', async () => {
    const { call, workers, alive } = createPool({ idleSeconds: 0.02 })
    await call('a')
    expect(alive()).toBe(1)
    await wait(60)
    expect(alive()).toBe(0)
    await call('b')
    expect(workers).toHaveLength(2)
  })

  it('kills every worker after its answer if idleSeconds is 0', async () => {
    const { call, alive } = createPool({ idleSeconds: 0 })
    await call('a')
    expect(alive()).toBe(0)
  })

  it('kills a worker after an answer that makes it unusable, and still returns the answer', async () => {
    const { call, alive } = createPool({ isReusable: ({ request }) => request !== 'spent' })
    expect(await call('spent')).toEqual({ id: 0, request: 'spent' })
    expect(alive()).toBe(0)
    expect((await call('a')).id).toBe(1)
  })

  it('counts the most that each idle worker has retained', async () => {
    const { pool, call } = createPool({ size: 1, retainedBytes: ({ request }) => Number(request) })
    expect(pool.retainedBytes()).toBe(0)
    await call('300')
    const second = call('200')
    await wait(0)
    expect(pool.retainedBytes()).toBe(0)
    await second
    expect(pool.retainedBytes()).toBe(300)
  })

  it('counts busy workers too if their work is in no estimate, until they end', async () => {
    const retaining = { retainedBytes: () => 300, retainsWhileBusy: true }
    const { pool, call, workers } = createPool({ size: 1, ...retaining })
    await call('a')
    const second = call('b')
    await wait(0)
    expect(pool.retainedBytes()).toBe(300)
    await second
    workers[0]!.kill()
    expect(pool.retainedBytes()).toBe(0)
  })

  it('does not reuse a worker that has ended while it was idle, and survives its error', async () => {
    const { call, workers } = createPool()
    await call('a')
    workers[0]!.emit('error', new Error('late'))
    workers[0]!.kill()
    expect((await call('b')).id).toBe(1)
  })
})

describe('disposable pool, call that fails', () => {
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 'answered',
      (error: unknown) => (error instanceof ImgprocError ? error.code : String(error)),
    )

  it('times out, kills the worker and takes a new one for the next call', async () => {
    const { call, alive } = createPool({ size: 1 })
    expect(await codeOf(call('hang', 0.02))).toBe('TIMED_OUT')
    expect(alive()).toBe(0)
    expect((await call('a')).id).toBe(1)
  })

  it.each([0, 1e9])('does not time out with a limit of %d seconds', async (seconds) => {
    const { call } = createPool()
    expect(await codeOf(call('a', seconds))).toBe('answered')
  })

  it('is aborted before a worker starts', async () => {
    const { call, workers } = createPool()
    expect(await codeOf(call('a', 10, AbortSignal.abort()))).toBe('ABORTED')
    expect(workers).toHaveLength(0)
  })

  it('is aborted while the worker is busy, which kills it', async () => {
    const { call, alive } = createPool()
    expect(await codeOf(call('hang', 10, AbortSignal.timeout(20)))).toBe('ABORTED')
    expect(alive()).toBe(0)
  })

  it('reports a crash with its cause', async () => {
    const { call, alive } = createPool()
    await expect(call('crash')).rejects.toMatchObject({
      code: 'INTERNAL',
      cause: { message: 'out of memory' },
    })
    expect(alive()).toBe(0)
  })

  it('reports a worker that exits without an answer', async () => {
    const { call } = createPool()
    const error: unknown = await call('exit').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'INTERNAL' })
    expect(error).not.toHaveProperty('cause')
    expect((await call('a')).id).toBe(1)
  })

  it('passes on the error of a request that cannot be sent, and kills the worker', async () => {
    const { call, alive } = createPool()
    await expect(call('throw')).rejects.toThrow(TypeError)
    expect(alive()).toBe(0)
  })
})
