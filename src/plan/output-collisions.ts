import { ImgprocError } from '../errors.js'
import { likelyExtension } from '../image/file-kinds.js'
import { isPipe, keyOf, PIPE } from '../paths/location.js'
import { fillTarget, isOpen, resolveTarget, unresolvedTokens } from '../paths/template.js'
import type { Job } from '../jobs/types.js'
import { OPS_PRESET } from './ops-preset.js'
import type { PlacementChange, PlanRequest } from './types.js'

/** Collisions that an error lists, at most. */
const MAX_LISTED = 10

/**
 * Checks by names alone that no output overwrites an input. `createOutputClaims` catches the rest during the run.
 *
 * @throws ImgprocError OUTPUT_OVERWRITES_INPUT
 */
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

/** Returns the paths of sources that are below an output folder, by their keys. Only these can be overwritten. */
export function inputsBelow(jobs: readonly Job[]): ReadonlyMap<string, string> {
  const folders = [...new Set(jobs.map(({ out }) => out))].map((out) => keyOf(`${out}/`))
  const keyed = jobs.map((job) => [keyOf(job.source.ref), job.path] as const)
  return new Map(keyed.filter(([key]) => folders.some((folder) => key.startsWith(folder))))
}

/**
 * Creates the error for an output that would overwrite an input.
 *
 * @param input the path of the input.
 * @param from the path of the output's source.
 */
export function createOverwriteError(input: string, from: string): ImgprocError {
  const what = input === from ? `its own source ${input}` : `the input ${input}`
  return new ImgprocError(
    'OUTPUT_OVERWRITES_INPUT',
    `An output${input === from ? '' : ` of ${from}`} would overwrite ${what}. Choose another out (--out), or a path (--path) with {preset} in it.`,
    { stage: 'plan', path: input },
  )
}

/**
 * Checks that no source is in an output folder, where a shard cannot distinguish it from outputs of other shards.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export function checkShardInputs(jobs: readonly Job[]): void {
  const [input] = inputsBelow(jobs).values()
  if (input === undefined) return
  const message =
    `The input ${input} is in the output folder, where a shard cannot distinguish it from outputs of other shards. ` +
    'Choose an out (--out) that contains no inputs.'
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: input })
}

/**
 * Checks that stdout gets one image only.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export function checkPipeOutput(jobs: readonly Job[]): void {
  const outputs = jobs.filter(({ out }) => isPipe(out)).flatMap(({ renditions }) => renditions)
  if (outputs.length < 2) return
  const names = countImages(jobs)
  const message =
    `stdout takes one image (--out -), but ${outputs.length} would be made from ${names}. ` +
    'Choose a folder or s3:// for --out, or one image and one rendition.'
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: PIPE })
}

/**
 * Checks that a single output file gets one image only.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export function checkSingleOutput(jobs: readonly Job[], file: string | undefined): void {
  const count = jobs.reduce((sum, { renditions }) => sum + renditions.length, 0)
  if (file === undefined || count < 2) return
  const message =
    `--out ${file} names one file, but ${count} outputs would be made from ${countImages(jobs)}. ` +
    `Name a folder, such as --out ${file.replace(/\.[^./]*$/, '')}, and the format by --format. ` +
    `For a folder named ${file}, end it with a slash.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: file })
}

function countImages(jobs: readonly Job[]): string {
  return jobs.length === 1 ? '1 image' : `${jobs.length} images`
}

/**
 * Checks by names alone that no two renditions have the same path.
 *
 * @param replan plans the same jobs with other placement, to find one that works.
 * @param base a folder that contains all inputs, if they have several bases.
 * @param suggest formats the same command with other placement.
 * @throws ImgprocError OUTPUT_COLLISION, which lists the collisions and advises a path template.
 */
export function checkCollisions(
  jobs: readonly Job[],
  replan: Replan,
  { base, suggest }: { readonly base?: string | undefined; readonly suggest?: Suggest | undefined },
): void {
  const owners = new Map<string, string[]>()
  const presets = new Set(jobs.flatMap(({ renditions }) => renditions.map(({ preset }) => preset)))
  for (const job of jobs) {
    for (const { target, preset } of job.renditions) {
      if (isOpen(target)) continue
      const key = keyOf(`${job.out}/${target}`)
      const name = presets.size === 1 ? job.path : `${job.path} (${preset})`
      owners.set(key, [...(owners.get(key) ?? []), `${name} → ${resolveTarget(target)}`])
    }
  }
  const collisions = [...owners.values()].filter((list) => list.length > 1)
  if (collisions.length === 0) return
  const listed = collisions.slice(0, MAX_LISTED).map((list) => list.map((line) => `  ${line}`).join('\n'))
  const more = collisions.length > MAX_LISTED ? `\n  … and ${collisions.length - MAX_LISTED} more paths` : ''
  const what = collisions.length === 1 ? 'One output path is' : `${collisions.length} output paths are`
  throw new ImgprocError(
    'OUTPUT_COLLISION',
    `${what} used more than once, so nothing was made:\n${listed.join('\n\n')}${more}\n${createAdvice(jobs, replan, base, suggest)}`,
    { stage: 'plan' },
  )
}

type Replan = (change: PlacementChange) => readonly Job[]
type Suggest = NonNullable<PlanRequest['suggest']>

function createAdvice(
  jobs: readonly Job[],
  replan: Replan,
  base: string | undefined,
  suggest: Suggest = showOptions,
): string {
  const paths = templateCandidates(jobs).map((path): PlacementChange => ({ path }))
  const changes =
    base === undefined ? paths : [{ base }, ...paths, ...paths.map(({ path }) => ({ base, path }))]
  const change = changes.find((one) => isUnique(replan(one)))
  return change === undefined
    ? 'No --path is certain to make them unique. Rename some of the sources, or choose one --base that contains them all.'
    : `This works:\n  ${suggest(change)}`
}

/** Formats placement as options of the library. */
function showOptions({ base, path }: PlacementChange): string {
  const options = [base !== undefined && `base: '${base}'`, path !== undefined && `path: '${path}'`]
  return options.filter((option) => option !== false).join(', ')
}

/** Returns templates that may make the paths unique, the simplest first. */
function templateCandidates(jobs: readonly Job[]): string[] {
  const isNamed = jobs.some((job) => job.renditions.some(({ preset }) => preset !== OPS_PRESET))
  const presetToken = isNamed ? '.{preset}' : ''
  const widthToken = jobs.some((job) => job.renditions.some(({ width }) => width !== undefined))
    ? '-{width}w'
    : ''
  return ['', '.{srcext}', '-{hash:8}', '-{hash:8}.{srcext}'].map(
    (more) => `{dir}/{name}${more}${presetToken}${widthToken}.{ext}`,
  )
}

/** Returns true if no two renditions can have the same path, whatever the images are. */
function isUnique(jobs: readonly Job[]): boolean {
  const taken = new Set<string>()
  for (const { renditions, source, out } of jobs) {
    for (const { target, width, recipe } of renditions) {
      const path = fillTarget(target, width === undefined ? {} : { width })
      // Sources of one size may be copies, which have the same hash.
      const content = unresolvedTokens(path).includes('hash') ? `${source.size} ${recipe}` : ''
      const key = `${keyOf(`${out}/${path}`)} ${content}`
      if (taken.has(key)) return false
      taken.add(key)
    }
  }
  return true
}
