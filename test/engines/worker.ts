import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveJobs } from '../../src/engines/worker-server.js'

/** A worker that behaves as the source's name says, reserves the path of its output, and reports its pid. */
export function work(self: NodeJS.Process): void {
  serveJobs(self, async (setup) => {
    const { folder, fails } = (setup ?? {}) as { readonly folder?: string; readonly fails?: boolean }
    if (fails === true) self.exit(3)
    return async (job, { reserve, signal }) => {
      const [, behaviour] = /([a-z][a-z-]*)\.jpg$/.exec(job.path) ?? []
      if (behaviour === 'crash') self.kill(self.pid, 'SIGSEGV')
      if (behaviour === 'exit') self.exit(3)
      if (behaviour === 'interrupt')
        for (const name of ['SIGINT', 'SIGTERM'] as const) self.kill(self.pid, name)
      if (behaviour === 'wait') while (!signal.aborted) await sleep(2)
      if (behaviour === 'twice') await reserve(job.path)
      const owner = await reserve(job.path)
      if (behaviour === 'linger') await sleep(50)
      const marker = `${folder}/${job.path.replace('/', '-')}.crashed`
      if (behaviour === 'crash-once' && !existsSync(marker)) {
        await writeFile(marker, '')
        self.kill(self.pid, 'SIGKILL')
      }
      return { job, status: 'skipped', outputs: [], analysis: { pid: self.pid, owner: owner ?? null }, ms: 0 }
    }
  })
}
