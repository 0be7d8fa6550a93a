import { ImgprocError } from '../errors.js'
import { likelyExtension } from './kinds.js'
import { collisionKey } from './paths.js'
import { fillTemplate, parseTemplate, resolveTarget, splitPath, unresolvedTokens } from './template.js'
import type { Job } from './types.js'

/** How many of them an error lists. */
const LISTED = 10

/** Throws where an output would take an input's place, as far as names tell; a run's claims catch the rest. */
export function refuseOverwrites(jobs: readonly Job[]): void {
  const inputs = new Map(jobs.map((job) => [collisionKey(job.source.ref), job.path]))
  for (const job of jobs) {
    for (const { target } of job.renditions) {
      const likely = fillTemplate(parseTemplate(target), { ext: likelyExtension(job.source.ref) })
      if (unresolvedTokens(likely).length > 0) continue
      const input = inputs.get(collisionKey(`${job.out}/${resolveTarget(likely)}`))
      if (input !== undefined) throw overwrites(input, job.path)
    }
  }
}

/** The error for an output that would take an input's place. */
export function overwrites(input: string, from: string): ImgprocError {
  const what = input === from ? `its own source ${input}` : `the input ${input}`
  return new ImgprocError(
    'OUTPUT_OVERWRITES_INPUT',
    `An output${input === from ? '' : ` of ${from}`} would overwrite ${what}. Choose another --out, or a --path with {preset} in it.`,
    { stage: 'plan', path: input },
  )
}

/** Throws where two renditions have one path, as far as that can be known; lists them all. */
export function refuseCollisions(
  jobs: readonly Job[],
  suggest: ((path: string) => string) | undefined,
): void {
  const owners = new Map<string, string[]>()
  for (const job of jobs) {
    for (const { target, preset } of job.renditions) {
      if (unresolvedTokens(target).length > 0) continue
      const key = collisionKey(target)
      owners.set(key, [...(owners.get(key) ?? []), `${job.path} (${preset}) → ${resolveTarget(target)}`])
    }
  }
  const clashes = [...owners.values()].filter((list) => list.length > 1)
  if (clashes.length === 0) return
  const listed = clashes.slice(0, LISTED).map((list) => list.map((line) => `  ${line}`).join('\n'))
  const more = clashes.length > LISTED ? `\n  … and ${clashes.length - LISTED} more paths` : ''
  const template = workingTemplate(jobs)
  const command = suggest?.(template) ?? `path: '${template}'`
  throw new ImgprocError(
    'OUTPUT_COLLISION',
    `${clashes.length === 1 ? 'One output path is' : `${clashes.length} output paths are`} wanted more than once, so nothing was made:\n${listed.join('\n\n')}${more}\nThis works:\n  ${command}`,
    { stage: 'plan' },
  )
}

/** The plainest template that tells every rendition apart. */
function workingTemplate(jobs: readonly Job[]): string {
  const wide = jobs.some((job) => job.renditions.some(({ width }) => width !== undefined)) ? '-{width}w' : ''
  const candidates = [`{dir}/{name}.{preset}${wide}.{ext}`, `{dir}/{name}.{srcext}.{preset}${wide}.{ext}`]
  // Where names differ by case alone, only content tells them apart.
  return (
    candidates.find((template) => isUnique(jobs, template)) ?? `{dir}/{name}-{hash:8}.{preset}${wide}.{ext}`
  )
}

function isUnique(jobs: readonly Job[], template: string): boolean {
  const seen = new Set<string>()
  const parsed = parseTemplate(template)
  for (const job of jobs) {
    const parts = splitPath(job.path)
    for (const { preset, width, ops } of job.renditions) {
      const key =
        collisionKey(fillTemplate(parsed, { ...parts, preset, ...(width !== undefined && { width }) })) +
        JSON.stringify(ops.at(-1)?.format)
      if (seen.has(key)) return false
      seen.add(key)
    }
  }
  return true
}
