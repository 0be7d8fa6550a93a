import type { Printer } from './print.js'

/** Ctrl-C and kill, heeded. */
export interface Interrupt {
  readonly signal: AbortSignal
  /** Ends as the signal would have: so that a shell loop around this command stops too. */
  raiseAgain(): void
}

/** Turns the first SIGINT or SIGTERM into an abort; a second one ends at once. */
export function stopOnSignals({ say }: Printer): Interrupt {
  const controller = new AbortController()
  let received: NodeJS.Signals | undefined
  const stop = (name: NodeJS.Signals) => {
    received = name
    release()
    say('stopping: what is in work is finished, then the manifest is written (again to stop at once)')
    controller.abort()
  }
  const release = () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return {
    signal: controller.signal,
    raiseAgain() {
      release()
      if (received !== undefined) process.kill(process.pid, received)
    },
  }
}
