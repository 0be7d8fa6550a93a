import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import type { OutputResult, Result } from '../../src/jobs/types.js'
import { run } from '../../src/run/run.js'
import { plan } from '../../src/run/plan-run.js'
import type { RunOptions } from '../../src/run/options.js'
import { makeProject, type Project } from './project.js'

/** Options of a run with two presets over the photos of `makePhotos`. */
export const OPTIONS = {
  inputs: ['photos'],
  preset: ['small', 'wide'],
  presets: {
    small: { ops: [{ thumbnail: 20 }] },
    wide: { ops: [], widths: [16, 32, 9000], formats: ['webp'] },
  },
} satisfies RunOptions

/** Creates a project with three photos. */
export async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/sub/b.jpg')
  await project.copy('photos/alpha.png', 'photos/c.png')
  return project
}

/** Runs to the end, and returns the results and the summary. */
export async function runIn(project: Project, options: RunOptions = {}) {
  const batch = run({ cwd: project.path, concurrency: 2, ...OPTIONS, ...options })
  const results: Result[] = []
  for await (const result of batch) results.push(result)
  return { results, summary: await batch.summary }
}

/** Returns `reason: source preset` of each rendition that a run would render. */
export async function pendingIn(project: Project, options: RunOptions = {}): Promise<string[]> {
  const { jobs } = await plan({ cwd: project.path, ...OPTIONS, ...options })
  return jobs.flatMap(({ path, renditions }) =>
    renditions.map(({ reason, preset }) => `${reason}: ${path} ${preset}`),
  )
}

/** Returns `source preset` of each written output, sorted. */
export function writtenOf(results: readonly Result[]): string[] {
  const isWritten = ({ action }: OutputResult) => action === 'written'
  return results
    .flatMap(({ job, outputs }) => outputs.filter(isWritten).map(({ preset }) => `${job.path} ${preset}`))
    .toSorted()
}

/** Returns the text, mtime and inode of a manifest. */
export async function manifestOf(project: Project, name = 'out/manifest.json') {
  const [text, stats] = [await readFile(project.at(name), 'utf8'), await stat(project.at(name))]
  return { text, mtime: stats.mtimeMs, inode: stats.ino }
}

/** Moves the mtime of a file by five seconds. */
export async function touch(project: Project, name: string): Promise<void> {
  const { mtimeMs } = await stat(project.at(name))
  await utimes(project.at(name), new Date(), new Date(mtimeMs + 5000))
}

/** Replaces a file by another picture of the same size in bytes, with a new mtime. */
export async function replaceBySameSize(project: Project, name: string): Promise<void> {
  const { size } = await stat(project.at(name))
  const other = await sharp({ create: { width: 40, height: 40, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()
  await writeFile(project.at(name), Buffer.concat([other, Buffer.alloc(size - other.length)]))
  await touch(project, name)
}
