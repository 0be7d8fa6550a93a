// A core of a simulated machine: it makes one image after the other, and an image is a wait.
import { setTimeout as sleep } from 'node:timers/promises'
import { serveJobs } from '../dist/engines/worker-server.js'

/** Turns a process into a worker whose images take `setup` milliseconds each. */
export function work(self) {
  serveJobs(self, async (milliseconds) => {
    let last = Promise.resolve()
    return async (job, { reserve }) => {
      await reserve(job.path)
      last = last.then(() => sleep(milliseconds))
      await last
      return { job, status: 'ready', outputs: [], ms: milliseconds }
    }
  })
}
