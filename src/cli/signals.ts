import type { Printer } from './output/printer.js'

/** SIGHUP is sent when a terminal is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Exit code of a command whose output has no reader, as a shell reports the death of other commands by SIGPIPE. */
const CLOSED_PIPE = 141

/** Stops a command on SIGINT, SIGTERM, SIGHUP or a closed stdout. */
export interface Interrupt {
  readonly signal: AbortSignal
  /** True if the reader of stdout has closed it, so that no more output is needed. */
  isStdoutClosed(): boolean
  /** Removes the signal handlers and sends the received signal again, so that a shell loop around the command stops too. */
  resendSignal(): void
}

/** Aborts on the first SIGINT, SIGTERM or SIGHUP, or when stdout is closed. A second signal terminates the process at once. */
export function stopOnSignals({ printLine }: Pick<Printer, 'printLine'>): Interrupt {
  const controller = new AbortController()
  let received: NodeJS.Signals | undefined
  let isClosed = false
  const stop = (name: NodeJS.Signals) => {
    received = name
    removeHandlers()
    printLine('stopping: finishing the images in progress and the manifest (interrupt again to stop now)')
    controller.abort()
  }
  const handleClosedStdout = () => {
    isClosed = true
    process.exitCode = CLOSED_PIPE
    controller.abort()
  }
  const removeHandlers = () => {
    for (const name of SIGNALS) process.off(name, stop)
  }
  for (const name of SIGNALS) process.on(name, stop)
  process.stdout.once('error', handleClosedStdout)
  return {
    signal: controller.signal,
    isStdoutClosed: () => isClosed,
    resendSignal() {
      removeHandlers()
      if (received !== undefined) process.kill(process.pid, received)
    },
  }
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. A second one ends the process at once. */
export async function waitForSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = () => {
      for (const name of SIGNALS) process.off(name, stop)
      resolve()
    }
    for (const name of SIGNALS) process.on(name, stop)
  })
}
