/** Calls a sweep again and again. */
export interface Sweeper {
  /** Ends the sweeps. Resolves when the one in progress has ended. */
  stop(): Promise<void>
}

export interface SweeperOptions {
  readonly sweep: () => Promise<void>
  /** Seconds from the end of a sweep to the start of the next. */
  readonly seconds: number
  /** Called if a sweep rejects. The next one comes all the same. */
  readonly onError: (error: unknown) => void
}

/** Starts sweeping: at once, and then at intervals. Does not keep the process alive. */
export function startSweeper({ sweep, seconds, onError }: SweeperOptions): Sweeper {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const run = async () => {
    await sweep().catch(onError)
    if (isStopped) return
    const again = () => {
      current = run()
    }
    timer = setTimeout(again, seconds * 1000).unref()
  }
  let current = run()
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await current
    },
  }
}
