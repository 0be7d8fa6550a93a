// Runs images through the engine of worker processes: node simulated-machine.mjs WORKERS IMAGES MILLISECONDS
import { fileURLToPath } from 'node:url'
import { createWorkerPoolEngine } from '../dist/engines/worker-pool.js'

const [processes = 1, images = 1, milliseconds = 1] = process.argv.slice(2).map(Number)
const taken = new Set()
const engine = createWorkerPoolEngine({
  processes,
  // As run/worker-engine.ts has it.
  concurrency: processes * 2,
  ahead: 12,
  module: fileURLToPath(new URL('simulated-worker.mjs', import.meta.url)),
  setup: milliseconds,
  claims: {
    reserve: async (path) => void taken.add(path),
    release() {},
    isExclusive: () => true,
  },
  execute: () => Promise.reject(new Error('no worker process could be started')),
})
const jobs = Array.from({ length: images }, (_, index) => ({
  source: { ref: `/photos/${index}.jpg`, size: 60_000 },
  path: `${index}.jpg`,
  out: '/thumbs',
  renditions: [{ preset: 'thumb', target: `${index}.jpg`, recipe: '0', ops: [{ thumbnail: 100 }] }],
  analyze: [],
  limits: {},
}))
let made = 0
for await (const { error } of engine.run(jobs)) if (error === undefined) made++
if (made !== images) throw new Error(`only ${made} of ${images} images were made`)
