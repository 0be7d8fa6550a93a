import { ImgprocError } from '../errors.js'

/** Lets requests pass until it is closed. */
export interface Gate {
  /** Runs the work of a request. Throws OVERLOADED if the gate is closed. */
  pass<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when all work that has passed has ended. */
  close(): Promise<void>
}

/**
 * Creates a gate.
 *
 * @example
 * ```ts
 * const gate = createGate()
 * const answer = gate.pass(() => respond(request))
 * await gate.close() // after the answer
 * ```
 */
export function createGate(): Gate {
  let running = 0
  let isClosed = false
  let allEnded = () => {}
  const ended = new Promise<void>((resolve) => (allEnded = resolve))
  const endIfIdle = () => {
    if (isClosed && running === 0) allEnded()
  }
  return {
    async pass(work) {
      if (isClosed)
        throw new ImgprocError('OVERLOADED', 'The server is stopping. Ask again in a moment.', {
          stage: 'usage',
        })
      running++
      try {
        return await work()
      } finally {
        running--
        endIfIdle()
      }
    },
    close() {
      isClosed = true
      endIfIdle()
      return ended
    },
  }
}
