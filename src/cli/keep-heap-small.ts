import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's space for new objects near the size that it has. Under load it would grow to 32 MB, which makes a server no faster.
 * In Node.js 20 and 22, creating a thread resets the flag.
 */
export function keepHeapSmall(): void {
  keepFlag('--semi-space-growth-factor=1')
}

/**
 * Lets garbage grow to half of what is in use before it is collected. Otherwise V8 waits for four times as much. A producer
 * makes much garbage in little time, most of which waits for Redis for long enough to count as old.
 */
export function keepGarbageSmall(): void {
  keepFlag('--heap-growing-percent=50')
}

/** Flags that are kept already. */
const kept = new Set<string>()

function keepFlag(flag: string): void {
  if (kept.has(flag)) return
  kept.add(flag)
  const keep = () => setFlagsFromString(flag)
  keep()
  process.on('worker', (worker) => worker.once('online', keep))
}
