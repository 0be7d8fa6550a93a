import type { Printer } from './output/printer.js'

/** Ctrl-C and kill, heeded; and that nobody reads stdout any more. */
export interface Interrupt {
  readonly signal: AbortSignal
  /** Whether the reader of stdout has left: then there is nothing to say. */
  isUnheard(): boolean
  /** Ends as the signal would have: so that a shell loop around this command stops too. */
  raiseAgain(): void
}

/** Turns the first SIGINT or SIGTERM, or a closed stdout, into an abort; a second signal ends at once. */
export function stopOnSignals({ say }: Printer): Interrupt {
  const controller = new AbortController()
  let received: NodeJS.Signals | undefined
  let unheard = false
  const stop = (name: NodeJS.Signals) => {
    received = name
    release()
    say('stopping: what is in work is finished, then the manifest is written (again to stop at once)')
    controller.abort()
  }
  const leave = () => {
    unheard = true
    controller.abort()
  }
  const release = () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.stdout.once('error', leave)
  return {
    signal: controller.signal,
    isUnheard: () => unheard,
    raiseAgain() {
      release()
      if (received !== undefined) process.kill(process.pid, received)
    },
  }
}
