import { describe, expect, it } from 'vitest'
import { persist } from '../../../src/queue/redis/persist.js'

/** Returns an action that fails with these messages, one after another, and then succeeds. */
function failing(...messages: string[]) {
  return async () => {
    const message = messages.shift()
    if (message !== undefined) throw new Error(message)
    return 'done'
  }
}

describe('an action on Redis', () => {
  it('is repeated while Redis is away or full', async () => {
    const reasons: string[] = []
    const messages = [
      'Connection is closed.',
      "OOM command not allowed when used memory > 'maxmemory'.",
      'LOADING Redis',
    ]
    const done = await persist(failing(...messages), { onWait: (reason) => reasons.push(reason) })
    expect({ done, reasons }).toEqual({ done: 'done', reasons: messages })
  })

  it('fails at once for any other reason', async () => {
    await expect(persist(failing('WRONGTYPE Operation against a key'))).rejects.toThrow('WRONGTYPE')
  })

  it('is given up when it is aborted', async () => {
    const controller = new AbortController()
    const endless = async () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:1'))
    const waiting = persist(endless, { signal: controller.signal, onWait: () => controller.abort() })
    await expect(waiting).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }))
  })
})
