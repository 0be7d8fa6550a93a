import { fileURLToPath } from 'node:url'
import { createProcessEngine } from '../../src/engines/worker-pool.js'
import { result } from '../manifest/results.js'

// A run that goes on until it is killed, and says what process works for it.
const engine = createProcessEngine({
  processes: 1,
  concurrency: 2,
  module: fileURLToPath(new URL('./worker.ts', import.meta.url)),
  setup: undefined,
  claims: { claim: async () => undefined, finish: () => {}, isFree: () => false },
  execute: async (job) => ({ job, status: 'ready', outputs: [], ms: 0 }),
})
for await (const { analysis } of engine.run(
  ['0-plain.jpg', '1-wait.jpg'].map((path) => result(path, []).job),
))
  console.log(analysis?.['pid'])
