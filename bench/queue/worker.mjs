// A machine of a simulation: it makes one image after the other, and an image is a wait: node worker.mjs URL MILLISECONDS
import { setTimeout as sleep } from 'node:timers/promises'
import { openQueue } from '../../dist/queue/open-queue.js'
import { startQueueWorker } from '../../dist/queue/queue-worker.js'

const [url, milliseconds] = process.argv.slice(2)
const open = await openQueue(url)
await startQueueWorker(open, {
  concurrency: 1,
  shared: ['/'],
  async execute(job) {
    await sleep(Number(milliseconds))
    return { job, status: 'ready', outputs: [], ms: Number(milliseconds) }
  },
})
console.log('ready')
