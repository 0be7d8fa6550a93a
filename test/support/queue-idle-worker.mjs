// A worker whose jobs take no time: node queue-idle-worker.mjs URL
import { openQueue } from '../../dist/queue/open-queue.js'
import { startQueueWorker } from '../../dist/queue/queue-worker.js'

const open = await openQueue(process.argv[2])
await startQueueWorker(open, {
  concurrency: 20,
  shared: [],
  execute: async (job) => ({ job, status: 'ready', outputs: [], ms: 0 }),
})
console.log('ready')
