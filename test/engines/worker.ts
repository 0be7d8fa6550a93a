import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveJobs } from '../../src/engines/worker-server.js'

/** A worker that does as the name of a source says, claims the path of its output, and tells its process. */
export function work(self: NodeJS.Process): void {
  serveJobs(self, async (setup) => {
    const { folder, fails } = (setup ?? {}) as { readonly folder?: string; readonly fails?: boolean }
    if (fails === true) self.exit(3)
    return async (job, { reserve, signal }) => {
      const [, deed] = /([a-z][a-z-]*)\.jpg$/.exec(job.path) ?? []
      if (deed === 'crash') self.kill(self.pid, 'SIGSEGV')
      if (deed === 'exit') self.exit(3)
      if (deed === 'interrupt') for (const name of ['SIGINT', 'SIGTERM'] as const) self.kill(self.pid, name)
      if (deed === 'wait') while (!signal.aborted) await sleep(2)
      if (deed === 'twice') await reserve(job.path)
      const owner = await reserve(job.path)
      if (deed === 'linger') await sleep(50)
      const marker = `${folder}/${job.path.replace('/', '-')}.crashed`
      if (deed === 'crash-once' && !existsSync(marker)) {
        await writeFile(marker, '')
        self.kill(self.pid, 'SIGKILL')
      }
      return { job, status: 'skipped', outputs: [], analysis: { pid: self.pid, owner: owner ?? null }, ms: 0 }
    }
  })
}
