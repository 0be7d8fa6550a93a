/** Lets one job run with no other beside it. */
export interface Solo {
  /**
   * Runs work, alone or beside others. Returns undefined without running it if that would disturb a job that runs alone: put
   * the job back then.
   */
  readonly run: <T>(isAlone: boolean, work: () => Promise<T>) => Promise<{ readonly value: T } | undefined>
}

interface SoloOptions {
  /** Called before a job runs alone: takes no more jobs. */
  readonly pause: () => void
  /** Called after it. */
  readonly resume: () => void
}

export function createSolo({ pause, resume }: SoloOptions): Solo {
  let running = 0
  let isWanted = false
  let isRunning = false
  let wake = () => {}
  const runAlone = async <T>(work: () => Promise<T>) => {
    isWanted = true
    pause()
    try {
      const others = () => running
      while (others() > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      isRunning = true
      return { value: await work() }
    } finally {
      isWanted = false
      isRunning = false
      resume()
    }
  }
  return {
    async run(isAlone, work) {
      // Two that wait for one another would never start.
      if (isRunning || (isAlone && isWanted)) return undefined
      if (isAlone) return runAlone(work)
      running++
      try {
        return { value: await work() }
      } finally {
        running--
        wake()
      }
    },
  }
}
