import { fileURLToPath } from 'node:url'
import { createWorkerPoolEngine } from '../../src/engines/worker-pool.js'
import { result } from '../manifest/results.js'

// Runs until it is killed, and prints the pid of its worker process.
const engine = createWorkerPoolEngine({
  processes: 1,
  concurrency: 2,
  module: fileURLToPath(new URL('./worker.mjs', import.meta.url)),
  setup: undefined,
  claims: { reserve: async () => undefined, release: () => {}, isExclusive: () => false },
  execute: async (job) => ({ job, status: 'ready', outputs: [], ms: 0 }),
})
for await (const { analysis } of engine.run(
  ['0-plain.jpg', '1-wait.jpg'].map((path) => result(path, []).job),
))
  console.log(analysis?.['pid'])
