import type { Job } from '../../jobs/types.js'
import { folderOf, isPipe } from '../../paths/location.js'

/** Returns a warning if outputs are written beside their sources; undefined otherwise. */
export function explainMixedFolder(jobs: readonly Job[]): string | undefined {
  const mixed = jobs.find((job) => {
    if (isPipe(job.source.ref)) return false
    const folder = folderOf(job.source.ref)
    return job.renditions.some(({ target }) => folderOf(`${job.out}/${target}`) === folder)
  })
  if (mixed === undefined) return undefined
  return (
    `Outputs are written beside their sources, such as ${mixed.path}. To keep them apart, name another folder by --out, ` +
    `or a subfolder by --path, such as --path 'small/{dir}/{name}.{ext}'.`
  )
}
