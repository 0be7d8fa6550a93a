import { isSharpBusy } from '../sharp.js'

/** Milliseconds that work which has timed out may keep the process alive after the end of its command. */
const PATIENCE = 5000

/**
 * Ends the process a while after its command has ended, if anything keeps it alive: a connection of a store that hangs,
 * or a thread of sharp. Waits as long as a slow reader has not taken all output.
 */
export function endDespiteLeftovers(): void {
  setTimeout(() => {
    if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) return endDespiteLeftovers()
    // An exit would wait for the thread, and nothing can stop that. The command has removed its handlers.
    if (isSharpBusy()) process.kill(process.pid, 'SIGTERM')
    else process.exit()
  }, PATIENCE).unref()
}
