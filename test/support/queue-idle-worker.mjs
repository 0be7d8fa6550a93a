// A worker that makes nothing, and says that it has: node queue-idle-worker.mjs URL FOLDER
import { openQueue } from '../../dist/queue/open-queue.js'
import { startQueueWorker } from '../../dist/queue/queue-worker.js'

const [url, folder] = process.argv.slice(2)
const hash = `sha256:${'0'.repeat(64)}`
const picture = { format: 'png', mime: 'image/png', width: 8, height: 8, bytes: 99, hash }

const open = await openQueue(url)
await startQueueWorker(open, {
  concurrency: 20,
  shared: [folder],
  execute: async (job) => ({
    job,
    status: 'ready',
    source: { bytes: job.source.size, width: 8, height: 8, format: 'png', hash },
    outputs: job.renditions.map(({ preset, target, recipe }) => ({
      action: 'written',
      preset,
      path: target.replace('{ext}', 'png'),
      ...picture,
      recipe,
    })),
    ms: 0,
  }),
})
console.log('ready')
