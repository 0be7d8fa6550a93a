import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { serveJobs, type JobContext } from '../../src/engines/worker-server.js'
import type { EngineMessage, WorkerMessage } from '../../src/engines/worker-protocol.js'
import type { Job, Result } from '../../src/jobs/types.js'
import { result } from '../manifest/results.js'

/** A process whose IPC channel ends in this test. */
class Channel extends EventEmitter {
  readonly pid = 4711
  readonly sent: WorkerMessage[] = []
  readonly kills: unknown[] = []

  send(messages: readonly WorkerMessage[]): boolean {
    this.sent.push(...messages)
    return true
  }

  kill(pid: number, signal: string): boolean {
    this.kills.push([pid, signal])
    return true
  }

  receive(...messages: EngineMessage[]): void {
    this.emit('message', messages)
  }

  /** Waits until a message of a kind was sent, and returns all of that kind. */
  async waitFor<K extends 'ready' | 'result' | 'requestId' | 'rendition' | 'notStarted'>(kind: K, count = 1) {
    const found = () =>
      this.sent.filter((message): message is Extract<WorkerMessage, Record<K, unknown>> => kind in message)
    await vi.waitUntil(() => found().length === count, { timeout: 60_000 })
    return found()
  }
}

type Execute = (job: Job, context: JobContext) => Promise<Result>

function serve(execute: Execute): Channel {
  const channel = new Channel()
  serveJobs(channel as unknown as NodeJS.Process, async () => execute)
  return channel
}

const jobOf = (path: string): Job => result(path, []).job
const done = (job: Job, findings: object = {}): Result => ({ ...result(job.path, []), job, ...findings })
const request = (id: number, path: string, isExclusive = false): EngineMessage => ({
  id,
  job: jobOf(path),
  isExclusive,
})

describe('a worker process', () => {
  let release = () => {}
  afterEach(() => release())

  it('is ready after its setup, and sends results without the job, which the engine has', async () => {
    const channel = serve(async (job) => done(job))
    channel.receive(request(1, 'a.jpg'))
    channel.receive({ setup: {}, concurrency: 2 }, request(2, 'b.jpg'))
    await channel.waitFor('ready')
    const results = await channel.waitFor('result', 2)
    expect(results.map(({ id }) => id)).toEqual([1, 2])
    for (const { result: sent } of results) expect(sent).not.toHaveProperty('job')
  })

  it('runs as many jobs at once as it is told', async () => {
    let running = 0
    let most = 0
    const waiting: (() => void)[] = []
    release = () => waiting.splice(0).forEach((go) => go())
    const channel = serve(async (job) => {
      most = Math.max(most, ++running)
      await new Promise<void>((go) => waiting.push(go))
      running--
      return done(job)
    })
    channel.receive({ setup: {}, concurrency: 2 }, ...[1, 2, 3, 4, 5].map((id) => request(id, `${id}.jpg`)))
    for (let count = 5; count > 0; count--) {
      await expect.poll(() => waiting.length).toBe(Math.min(2, count))
      waiting.shift()?.()
    }
    await channel.waitFor('result', 5)
    expect(most).toBe(2)
  })

  it('asks the engine for a path, and learns its owner or why it is refused', async () => {
    const channel = serve(async (job, { reserve }) =>
      done(job, { analysis: { owner: await reserve('out.jpg') } }),
    )
    channel.receive({ setup: {}, concurrency: 1 }, request(1, 'a.jpg'))
    const [asked] = await channel.waitFor('requestId')
    expect(asked).toMatchObject({ id: 1, path: 'out.jpg' })
    channel.receive({ requestId: asked!.requestId, owner: 'b.jpg' })
    const [sent] = await channel.waitFor('result')
    expect(sent?.result.analysis).toEqual({ owner: 'b.jpg' })
    const refused = serve(async (job, { reserve }) =>
      reserve('out.jpg').then(
        () => done(job),
        (error: unknown) => done(job, { analysis: { error } }),
      ),
    )
    refused.receive({ setup: {}, concurrency: 1 }, request(1, 'a.jpg'))
    const [again] = await refused.waitFor('requestId')
    const error = { code: 'OUTPUT_COLLISION', message: 'taken', stage: 'write', retryable: false } as const
    refused.receive({ requestId: again!.requestId, error })
    const [failed] = await refused.waitFor('result')
    expect(failed?.result.analysis).toMatchObject({ error: { code: 'OUTPUT_COLLISION', message: 'taken' } })
  })

  it('asks nobody for paths that only the job can want, and refuses its second output there', async () => {
    const channel = serve(async (job, { reserve }) => {
      const owners = [await reserve('a.jpg'), await reserve('b.jpg'), await reserve('A.jpg')]
      return done(job, { analysis: { owners } })
    })
    channel.receive({ setup: {}, concurrency: 1 }, request(1, 'a.jpg', true))
    const [sent] = await channel.waitFor('result')
    expect(sent?.result.analysis).toEqual({ owners: [undefined, undefined, 'a.jpg'] })
    expect(channel.sent.filter((message) => 'requestId' in message)).toEqual([])
  })

  it('reports renditions', async () => {
    const channel = serve(async (job, { onRendition }) => {
      onRendition()
      onRendition()
      return done(job)
    })
    channel.receive({ setup: {}, concurrency: 1 }, request(1, 'a.jpg'))
    expect(await channel.waitFor('rendition', 2)).toEqual([
      { id: 1, rendition: true },
      { id: 1, rendition: true },
    ])
  })

  it('finishes the jobs in work after a halt, and starts no other', async () => {
    const waiting: (() => void)[] = []
    const channel = serve(async (job) => {
      await new Promise<void>((go) => waiting.push(go))
      return done(job)
    })
    channel.receive({ setup: {}, concurrency: 1 }, request(1, 'a.jpg'), request(2, 'b.jpg'))
    await expect.poll(() => waiting.length).toBe(1)
    channel.receive({ halt: true }, request(3, 'c.jpg'))
    expect((await channel.waitFor('notStarted', 2)).map(({ id }) => id)).toEqual([2, 3])
    waiting.shift()?.()
    expect((await channel.waitFor('result')).map(({ id }) => id)).toEqual([1])
  })

  it('aborts the jobs in work when it is told', async () => {
    const channel = serve(async (job, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return done(job, { status: 'failed' })
    })
    channel.receive({ setup: {}, concurrency: 1 }, request(1, 'a.jpg'))
    await channel.waitFor('ready')
    channel.receive({ abort: true })
    const [sent] = await channel.waitFor('result')
    expect(sent?.result.status).toBe('failed')
  })

  it('ends at once when its parent is gone, and ignores the signals of a terminal', () => {
    const channel = serve(async (job) => done(job))
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) expect(channel.listenerCount(name)).toBe(1)
    channel.emit('disconnect')
    expect(channel.kills).toEqual([[4711, 'SIGKILL']])
  })
})
