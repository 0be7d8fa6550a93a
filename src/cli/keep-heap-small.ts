import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's space for new objects near the size that it has. Under load it would grow to 32 MB, which makes a server no faster.
 * In Node.js 20 and 22, creating a thread resets the flag.
 */
export function keepHeapSmall(): void {
  const keep = () => setFlagsFromString('--semi-space-growth-factor=1')
  keep()
  process.on('worker', (worker) => worker.once('online', keep))
}
