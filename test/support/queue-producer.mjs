// Streams jobs through a queue whose worker does nothing, and prints the peak of its memory: node queue-producer.mjs URL JOBS
import { openQueue } from '../../dist/queue/open-queue.js'
import { createQueueEngine } from '../../dist/queue/queue-engine.js'

const [url, count] = process.argv.slice(2)
const open = await openQueue(url)
const claims = {
  isExclusive: () => true,
  reserve: async () => undefined,
  release() {},
  earlierRivals: () => [],
  taken: () => [],
}
const engine = createQueueEngine(open)({ jobs: [], claims, isCurrent: async () => true })
const ops = [{ thumbnail: 100 }]

function* makeJobs() {
  for (let at = 0; at < Number(count); at++) {
    yield {
      id: String(at),
      path: `${at}.jpg`,
      source: { ref: `s3://shop/originals/${at}.jpg`, size: 60_000 },
      renditions: [{ preset: 'thumb', target: `${at}.jpg`, recipe: '0', ops }],
      out: 's3://shop/thumbs',
      analyze: [],
      limits: { pixels: 1e8, bytes: 1e8, frames: 1, seconds: 60 },
      failOn: 'error',
    }
  }
}

let [made, peak] = [0, 0]
for await (const { error } of engine.run(makeJobs())) {
  if (error === undefined) made++
  if (made % 1000 === 0) peak = Math.max(peak, process.memoryUsage.rss())
}
await open.close()
console.log(JSON.stringify({ made, peak: Math.round(peak / 1e6) }))
