import { describe, expect, it } from 'vitest'
import { createSingleFlight } from '../../../src/http/renditions/single-flight.js'

const forever = () => new AbortController().signal

/** Returns work that ends when it is told to, and the signal that it got. */
function createWork() {
  let finish = (_value: string) => {}
  const signals: AbortSignal[] = []
  const work = (signal: AbortSignal) => {
    signals.push(signal)
    return new Promise<string>((resolve) => (finish = resolve))
  }
  return { work, signals, finish: (value: string) => finish(value) }
}

describe('createSingleFlight', () => {
  it('makes equal things once that are asked for at the same time', async () => {
    const flights = createSingleFlight<string>()
    const { work, signals, finish } = createWork()
    const all = ['a', 'a', 'a'].map((key) => flights.run(key, forever(), work))
    finish('made')
    expect(await Promise.all(all)).toEqual(['made', 'made', 'made'])
    expect(signals).toHaveLength(1)
  })

  it('makes different things, and a thing again that is asked for later', async () => {
    const flights = createSingleFlight<string>()
    const made: string[] = []
    const make = (key: string) => flights.run(key, forever(), async () => String(made.push(key)))
    expect(await Promise.all([make('a'), make('b')])).toEqual(['1', '2'])
    expect(await make('a')).toBe('3')
  })

  it('goes on for those who wait if one has gone', async () => {
    const flights = createSingleFlight<string>()
    const { work, signals, finish } = createWork()
    const one = new AbortController()
    const gone = flights.run('a', one.signal, work)
    const waits = flights.run('a', forever(), work)
    one.abort()
    await expect(gone).rejects.toMatchObject({ code: 'ABORTED' })
    expect(signals[0]?.aborted).toBe(false)
    finish('made')
    expect(await waits).toBe('made')
  })

  it('stops the work when all have gone, and starts anew for who comes then', async () => {
    const flights = createSingleFlight<string>()
    const first = createWork()
    const one = new AbortController()
    const other = new AbortController()
    const both = [flights.run('a', one.signal, first.work), flights.run('a', other.signal, first.work)]
    one.abort()
    other.abort()
    await Promise.allSettled(both)
    expect(first.signals[0]?.aborted).toBe(true)
    expect(await flights.run('a', forever(), async () => 'anew')).toBe('anew')
  })

  it('fails for all if the work fails', async () => {
    const flights = createSingleFlight<string>()
    const fail = async (): Promise<string> => {
      throw new Error('broken')
    }
    const all = await Promise.allSettled(['a', 'a'].map((key) => flights.run(key, forever(), fail)))
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
