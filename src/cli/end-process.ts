import { isSharpBusy } from '../sharp.js'

/** Milliseconds that work which has timed out may keep the process alive after the end of its command. */
const PATIENCE = 5000

/**
 * Ends the process after its command. At once, if all output is written: before it ends by itself, Node.js frees its whole heap,
 * which takes a third of the time of a thumbnail. Otherwise a while later, if anything keeps it alive then: a connection of a
 * store that hangs, or a thread of sharp. Waits as long as a slow reader has not taken all output.
 */
export function endProcess(): void {
  if (hasOutput() || isSharpBusy()) endLater()
  else process.exit()
}

function endLater(): void {
  setTimeout(() => {
    if (hasOutput()) return endLater()
    // An exit would wait for the thread, and nothing can stop that. The command has removed its handlers.
    if (isSharpBusy()) process.kill(process.pid, 'SIGTERM')
    else process.exit()
  }, PATIENCE).unref()
}

/** Returns true if output waits for its reader. */
function hasOutput(): boolean {
  return process.stdout.writableLength > 0 || process.stderr.writableLength > 0
}
