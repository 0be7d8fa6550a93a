import { describe, expect, it } from 'vitest'
import { createAdmission } from '../../../src/http/renditions/admission.js'

const forever = () => new AbortController().signal

/** Work that ends when it is told to. */
function createTask(name: string, started: string[]) {
  let finish = () => {}
  const ended = new Promise<void>((resolve) => (finish = resolve))
  const work = async () => {
    started.push(name)
    await ended
    return name
  }
  return { work, finish: () => finish() }
}

describe('createAdmission', () => {
  it('works on as many requests as there are places, and on the others in their order', async () => {
    const admission = createAdmission({ concurrency: 2, queue: 10 })
    const started: string[] = []
    const tasks = ['a', 'b', 'c', 'd'].map((name) => createTask(name, started))
    const all = tasks.map(({ work }) => admission.admit(work, forever()))
    await expect.poll(() => started).toEqual(['a', 'b'])
    expect([admission.running(), admission.waiting()]).toEqual([2, 2])
    tasks[1]?.finish()
    await all[1]
    await expect.poll(() => started).toEqual(['a', 'b', 'c'])
    for (const { finish } of tasks) finish()
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
    expect([admission.running(), admission.waiting()]).toEqual([0, 0])
  })

  it('refuses a request at once if the queue is full', async () => {
    const admission = createAdmission({ concurrency: 1, queue: 1 })
    const started: string[] = []
    const tasks = ['a', 'b'].map((name) => createTask(name, started))
    const all = tasks.map(({ work }) => admission.admit(work, forever()))
    await expect(admission.admit(async () => 'c', forever())).rejects.toMatchObject({
      code: 'OVERLOADED',
      status: 503,
      retryable: true,
    })
    for (const { finish } of tasks) finish()
    await Promise.all(all)
    expect(await admission.admit(async () => 'c', forever())).toBe('c')
  })

  it('gives the place of a client that has gone to another', async () => {
    const admission = createAdmission({ concurrency: 1, queue: 1 })
    const started: string[] = []
    const first = createTask('first', started)
    const running = admission.admit(first.work, forever())
    const client = new AbortController()
    const gone = admission.admit(createTask('gone', started).work, client.signal)
    client.abort()
    await expect(gone).rejects.toMatchObject({ code: 'ABORTED' })
    expect(admission.waiting()).toBe(0)
    const next = admission.admit(async () => 'next', forever())
    first.finish()
    expect(await Promise.all([running, next])).toEqual(['first', 'next'])
    expect(started).toEqual(['first'])
  })

  it('has its place again after a failure', async () => {
    const admission = createAdmission({ concurrency: 1, queue: 0 })
    const fail = async () => {
      throw new Error('broken')
    }
    await expect(admission.admit(fail, forever())).rejects.toThrow('broken')
    expect(await admission.admit(async () => 'next', forever())).toBe('next')
  })
})
