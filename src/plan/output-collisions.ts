import { ImgprocError } from '../errors.js'
import { likelyExtension } from '../image/file-kinds.js'
import { isPipe, keyOf, PIPE } from '../paths/location.js'
import { fillTarget, isOpen, resolveTarget, unresolvedTokens } from '../paths/template.js'
import type { Job } from '../jobs/types.js'

/** How many of them an error lists. */
const MAX_LISTED = 10

/** Throws where an output would take an input's place, as far as names tell; a run's claims catch the rest. */
export function checkOverwrites(jobs: readonly Job[]): void {
  const inputs = inputsBelow(jobs)
  if (inputs.size === 0) return
  for (const job of jobs) {
    for (const { target } of job.renditions) {
      const likely = fillTarget(target, { ext: likelyExtension(job.source.ref) })
      if (isOpen(likely)) continue
      const input = inputs.get(keyOf(`${job.out}/${resolveTarget(likely)}`))
      if (input !== undefined) throw createOverwriteError(input, job.path)
    }
  }
}

/** The paths of sources that outputs could take the place of, by their keys: those below an output folder. */
export function inputsBelow(jobs: readonly Job[]): ReadonlyMap<string, string> {
  const folders = [...new Set(jobs.map(({ out }) => out))].map((out) => keyOf(`${out}/`))
  const keyed = jobs.map((job) => [keyOf(job.source.ref), job.path] as const)
  return new Map(keyed.filter(([key]) => folders.some((folder) => key.startsWith(folder))))
}

/** The error for an output that would take an input's place. */
export function createOverwriteError(input: string, from: string): ImgprocError {
  const what = input === from ? `its own source ${input}` : `the input ${input}`
  return new ImgprocError(
    'OUTPUT_OVERWRITES_INPUT',
    `An output${input === from ? '' : ` of ${from}`} would overwrite ${what}. Choose another --out, or a --path with {preset} in it.`,
    { stage: 'plan', path: input },
  )
}

/** Throws where sources lie among outputs: a shard can't tell those that others have just made from inputs. */
export function checkShardInputs(jobs: readonly Job[]): void {
  const [input] = inputsBelow(jobs).values()
  if (input === undefined) return
  const message =
    `The input ${input} lies in the output folder, where a shard can't tell it from what other shards make. ` +
    'Choose an --out that holds no inputs.'
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: input })
}

/** Throws where stdout would be given more than the one image that it has room for. */
export function checkPipeOutput(jobs: readonly Job[]): void {
  const outputs = jobs.filter(({ out }) => isPipe(out)).flatMap(({ renditions }) => renditions)
  if (outputs.length < 2) return
  const names = jobs.length === 1 ? '1 image' : `${jobs.length} images`
  const message =
    `stdout takes one image (--out -), but ${outputs.length} would be made of ${names}. ` +
    'Name a folder or s3:// with --out, or one image and one rendition.'
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: PIPE })
}

/**
 * Throws where two renditions have one path, as far as that can be known; lists them all.
 *
 * @param withPath the same jobs with another path template, to find one that works.
 * @param suggest the same command with another path template.
 */
export function checkCollisions(
  jobs: readonly Job[],
  withPath: (path: string) => readonly Job[],
  suggest: ((path: string) => string) | undefined,
): void {
  const owners = new Map<string, string[]>()
  for (const job of jobs) {
    for (const { target, preset } of job.renditions) {
      if (isOpen(target)) continue
      const key = keyOf(`${job.out}/${target}`)
      owners.set(key, [...(owners.get(key) ?? []), `${job.path} (${preset}) → ${resolveTarget(target)}`])
    }
  }
  const clashes = [...owners.values()].filter((list) => list.length > 1)
  if (clashes.length === 0) return
  const listed = clashes.slice(0, MAX_LISTED).map((list) => list.map((line) => `  ${line}`).join('\n'))
  const more = clashes.length > MAX_LISTED ? `\n  … and ${clashes.length - MAX_LISTED} more paths` : ''
  const what = clashes.length === 1 ? 'One output path is' : `${clashes.length} output paths are`
  throw new ImgprocError(
    'OUTPUT_COLLISION',
    `${what} wanted more than once, so nothing was made:\n${listed.join('\n\n')}${more}\n${createAdvice(jobs, withPath, suggest)}`,
    { stage: 'plan' },
  )
}

function createAdvice(
  jobs: readonly Job[],
  withPath: (path: string) => readonly Job[],
  suggest: (path: string) => string = (path) => `path: '${path}'`,
): string {
  const template = templateCandidates(jobs).find((path) => isUnique(withPath(path)))
  return template === undefined
    ? 'No --path is sure to tell them apart: rename some, or choose one --base that holds them all.'
    : `This works:\n  ${suggest(template)}`
}

/** Templates that tell renditions apart, the plainest first. */
function templateCandidates(jobs: readonly Job[]): string[] {
  const widthToken = jobs.some((job) => job.renditions.some(({ width }) => width !== undefined))
    ? '-{width}w'
    : ''
  return ['', '.{srcext}', '-{hash:8}', '-{hash:8}.{srcext}'].map(
    (more) => `{dir}/{name}${more}.{preset}${widthToken}.{ext}`,
  )
}

/** Whether no two renditions will have one path, whatever their pictures tell. */
function isUnique(jobs: readonly Job[]): boolean {
  const taken = new Set<string>()
  for (const { renditions, source, out } of jobs) {
    for (const { target, width, recipe } of renditions) {
      const path = fillTarget(target, width === undefined ? {} : { width })
      // Files of one size may be copies, and then they have one hash.
      const content = unresolvedTokens(path).includes('hash') ? `${source.size} ${recipe}` : ''
      const key = `${keyOf(`${out}/${path}`)} ${content}`
      if (taken.has(key)) return false
      taken.add(key)
    }
  }
  return true
}
