/** How quickly a disk does one kind of thing. */
export interface Pace {
  /** Whether it is worth asking right here: a trip through the thread pool takes several times as long as the answer. */
  isQuick(): boolean
  /** Does it right here, and minds how long that took: of one question, unless there are more in it. */
  time<T>(work: () => T, questions?: number): T
}

/** Of so many questions to a slow disk one is asked right here, to see whether it is still slow. */
const PROBE = 256

/**
 * Watches a disk. A local one that answers from memory is asked without a thread; a file server is asked in threads,
 * so that many questions wait together.
 *
 * @param limit milliseconds; a disk is slow where most of its answers take longer.
 */
export function createPace(limit: number): Pace {
  // Of the last answers: where cores are busy some come late for want of one, and no disk is to blame.
  let lateShare = 0
  let asked = 0
  return {
    isQuick: () => lateShare <= 0.5 || ++asked % PROBE === 0,
    time(work, questions = 1) {
      const started = performance.now()
      try {
        return work()
      } finally {
        const isLate = performance.now() - started > limit * questions
        // Of many at once it is one that was late, as a rule: the whole isn't as much evidence as all of them would be.
        const before = 0.9 ** Math.sqrt(questions)
        lateShare = lateShare * before + (isLate ? 1 - before : 0)
      }
    },
  }
}
