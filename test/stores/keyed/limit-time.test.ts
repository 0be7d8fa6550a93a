import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { limitTime } from '../../../src/stores/keyed/limit-time.js'
import type { Backend, ReadOptions } from '../../../src/stores/types.js'

const never = new Promise<never>(() => {})
const TEXT = { contentType: 'text/plain' }

/** Creates a backend whose calls never settle. */
function createHanging(read: Backend['read'] = () => never): Required<Backend> {
  return {
    scheme: 'slow',
    async *list(prefix) {
      yield { ref: `${prefix}a`, size: 1 }
    },
    async *listInOrder(prefix) {
      yield { ref: `${prefix}b`, size: 1 }
    },
    stat: () => never,
    read,
    write: () => never,
    remove: () => never,
  }
}

describe('limitTime', () => {
  it('rejects a call that never settles with TIMED_OUT', async () => {
    const limited = limitTime(createHanging(), 0.05)
    const calls = [
      ['read', limited.stat('slow://a')],
      ['read', limited.read('slow://a', {})],
      ['write', limited.write?.('slow://a', new Uint8Array(1), TEXT)],
      ['write', limited.remove?.('slow://a')],
    ] as const
    await Promise.all(
      calls.map(([stage, call]) =>
        expect(call).rejects.toMatchObject({ code: 'TIMED_OUT', stage, path: 'slow://a', retryable: true }),
      ),
    )
  })

  it('aborts the signal of a read, so that its connection is closed', async () => {
    let given: ReadOptions = {}
    const read = async (_: string, options: ReadOptions) => {
      given = options
      return never
    }
    await expect(limitTime(createHanging(read), 0.05).read('slow://a', {})).rejects.toThrow('did nothing')
    expect(given.signal?.aborted).toBe(true)
  })

  it('gives a read more time for each sign of progress', async () => {
    const bytes = new Uint8Array([1])
    const read = async (_: string, { onProgress }: ReadOptions) => {
      for (let part = 0; part < 4; part++) {
        await sleep(600)
        onProgress?.()
      }
      return bytes
    }
    expect(await limitTime(createHanging(read), 0.05).read('slow://a', {})).toBe(bytes)
  })

  it('leaves out what a read-only backend lacks', () => {
    const { write: _write, remove: _remove, listInOrder: _listInOrder, ...rest } = createHanging()
    expect(Object.keys(limitTime(rest, 1)).toSorted()).toEqual(['list', 'read', 'scheme', 'stat'])
  })
})
