import type { Compute } from '../image/types.js'

export interface ComputeLimiterOptions {
  /** How much may go on at once. */
  readonly slots: number
  /** What all that goes on may weigh together; what is heavier than that goes on alone. @default no limit */
  readonly bytes?: number | undefined
  /** What of these somebody else has at the moment. @default nothing */
  readonly retainedBytes?: () => number
}

/** What is passed over by so many others is waited for: a heavy picture must not starve behind light ones. */
const PATIENCE = 16

interface Waiting {
  readonly bytes: number
  readonly enter: () => void
  passed: number
}

/**
 * Lets in as much work as there are cores for and memory to hold it. Of what waits the heaviest that fits goes first, so
 * that no core is left with a large picture in the end. What is heavier than all that is left goes in alone.
 *
 * @example
 * ```ts
 * const gate = createGate({ slots: 2, bytes: 500e6 })
 * await gate(() => decode(picture), 12e6 * 4)
 * ```
 */
export function createComputeLimiter({
  slots,
  bytes: most = Infinity,
  retainedBytes = () => 0,
}: ComputeLimiterOptions): Compute {
  const waiting: Waiting[] = []
  let running = 0
  let held = 0
  const next = () => {
    const [first] = waiting
    const room = most - held - retainedBytes()
    const isPatient = first === undefined || first.passed < PATIENCE
    const fits = isPatient ? waiting.filter(({ bytes }) => bytes <= room) : [first]
    const heaviest = fits.reduce<Waiting | undefined>(heavier, undefined)
    // What never fits goes when nothing else does.
    if (running === 0) return heaviest ?? first
    return heaviest !== undefined && heaviest.bytes <= room ? heaviest : undefined
  }
  const admit = () => {
    while (running < slots) {
      const one = next()
      if (one === undefined) return
      const at = waiting.indexOf(one)
      for (const other of waiting.slice(0, at)) other.passed++
      waiting.splice(at, 1)
      running++
      held += one.bytes
      one.enter()
    }
  }
  const reserve = (bytes: number) => {
    held += bytes
    return () => {
      held -= bytes
      admit()
    }
  }
  async function enter<T>(work: () => Promise<T>, bytes: number): Promise<T> {
    await new Promise<void>((enterNow) => {
      waiting.push({ bytes, enter: enterNow, passed: 0 })
      admit()
    })
    try {
      return await work()
    } finally {
      running--
      held -= bytes
      admit()
    }
  }
  return Object.assign(enter, { reserve })
}

function heavier(best: Waiting | undefined, other: Waiting): Waiting {
  return best === undefined || other.bytes > best.bytes ? other : best
}
