import type { Job } from '../../jobs/types.js'
import { folderOf, isPipe } from '../../paths/location.js'

/** Returns a warning if outputs are written beside their sources; undefined otherwise. */
export function explainMixedFolder(jobs: Iterable<Job>): string | undefined {
  for (const job of jobs) {
    if (!isMixed(job)) continue
    return (
      `Outputs are written beside their sources, such as ${job.path}. To keep them apart, name another folder by --out, ` +
      `or a subfolder by --path, such as --path 'small/{dir}/{name}.{ext}'.`
    )
  }
  return undefined
}

function isMixed({ source, renditions, out }: Job): boolean {
  if (isPipe(source.ref)) return false
  const folder = folderOf(source.ref)
  return renditions.some(({ target }) => folderOf(`${out}/${target}`) === folder)
}
