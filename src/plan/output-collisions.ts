import { ImgprocError } from '../errors.js'
import { likelyExtension } from '../image/file-kinds.js'
import { BUCKET_URLS, isPipe, keyOf, PIPE } from '../paths/location.js'
import { fillTarget, isOpen, resolveTarget, unresolvedTokens } from '../paths/template.js'
import type { Job } from '../jobs/types.js'
import { isEmpty } from '../utils/is-empty.js'
import { findRepeated } from '../utils/spool/repeated-texts.js'
import { OPS_PRESET } from './ops-preset.js'
import type { JobList, PlacementChange, PlanRequest } from './types.js'

/** Collisions that an error lists, at most. */
const MAX_LISTED = 10

/**
 * Checks by names alone that no output overwrites an input. `createOutputClaims` catches the rest during the run.
 *
 * @throws ImgprocError OUTPUT_OVERWRITES_INPUT
 */
export function checkOverwrites(jobs: JobList): void {
  if (isEmpty(inputsBelow(jobs))) return
  // Holds only the paths that are of interest.
  const repeated = findRepeated(() => inputsAndOutputs(jobs))
  const inputs = new Map<string, string>()
  for (const [key, path] of inputsBelow(jobs)) if (repeated.has(key)) inputs.set(key, path)
  if (inputs.size === 0) return
  for (const job of jobs) {
    for (const key of likelyOutputs(job)) {
      const input = inputs.get(key)
      if (input !== undefined) throw createOverwriteError(input, job.path)
    }
  }
}

function* inputsAndOutputs(jobs: JobList): Generator<string> {
  for (const [key] of inputsBelow(jobs)) yield key
  for (const job of jobs) yield* likelyOutputs(job)
}

/** Yields the keys of the outputs whose paths are known, if an output has the format of its source. */
function* likelyOutputs({ renditions, source, out }: Job): Generator<string> {
  for (const { target } of renditions) {
    const likely = fillTarget(target, { ext: likelyExtension(source.ref) })
    if (!isOpen(likely)) yield keyOf(`${out}/${resolveTarget(likely)}`)
  }
}

/** Yields the key and path of each source that is below an output folder. Only these can be overwritten. */
export function* inputsBelow(jobs: JobList): Generator<readonly [key: string, path: string]> {
  const isBelow = createBelowCheck(jobs)
  for (const job of jobs) if (isBelow(job)) yield [keyOf(job.source.ref), job.path]
}

/** Returns a function that is true for a job whose source is below the output folder of one of these. */
export function createBelowCheck(jobs: Iterable<Pick<Job, 'out'>>): (job: Job) => boolean {
  const outs = new Set<string>()
  for (const { out } of jobs) outs.add(out)
  const folders = [...outs].map((out) => keyOf(`${out}/`))
  return ({ source }) => {
    const key = keyOf(source.ref)
    return folders.some((folder) => key.startsWith(folder))
  }
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
export function checkShardInputs(jobs: JobList): void {
  const [first] = inputsBelow(jobs)
  if (first === undefined) return
  const [, input] = first
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
export function checkPipeOutput(jobs: JobList): void {
  const count = countRenditions(jobs, ({ out }) => isPipe(out))
  if (count < 2) return
  const names = countImages(jobs)
  const message =
    `stdout takes one image (--out -), but ${count} would be made from ${names}. ` +
    `Choose a folder, ${BUCKET_URLS} for --out, or one image and one rendition.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: PIPE })
}

/**
 * Checks that a single output file gets one image only.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export function checkSingleOutput(jobs: JobList, file: string | undefined): void {
  if (file === undefined) return
  const count = countRenditions(jobs, () => true)
  if (count < 2) return
  const message =
    `--out ${file} names one file, but ${count} outputs would be made from ${countImages(jobs)}. ` +
    `Name a folder, such as --out ${file.replace(/\.[^./]*$/, '')}, and the format by --format. ` +
    `For a folder named ${file}, end it with a slash.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: file })
}

function countRenditions(jobs: JobList, isCounted: (job: Job) => boolean): number {
  let count = 0
  for (const job of jobs) if (isCounted(job)) count += job.renditions.length
  return count
}

function countImages(jobs: JobList): string {
  return jobs.length === 1 ? '1 image' : `${jobs.length} images`
}

/** Yields the keys of a job's outputs whose paths are known. */
export function* closedTargets({ renditions, out }: Job): Generator<string> {
  for (const { target } of renditions) if (!isOpen(target)) yield keyOf(`${out}/${target}`)
}

/**
 * Reports renditions that have the same path, which their names alone tell.
 *
 * @param repeated the keys that are in `closedTargets` more than once.
 * @param replan plans the same jobs with other placement, to find one that works.
 * @param base a folder that contains all inputs, if they have several bases.
 * @param suggest formats the same command with other placement.
 * @throws ImgprocError OUTPUT_COLLISION, which lists the collisions and advises a path template.
 */
export function checkCollisions(
  jobs: JobList,
  repeated: ReadonlySet<string>,
  replan: Replan,
  { base, suggest }: { readonly base?: string | undefined; readonly suggest?: Suggest | undefined },
): void {
  const owners = new Map<string, string[]>()
  const hasSeveralPresets = namesOfPresets(jobs).size > 1
  for (const job of jobs) {
    for (const { target, preset } of job.renditions) {
      const key = isOpen(target) ? undefined : keyOf(`${job.out}/${target}`)
      if (key === undefined || !repeated.has(key)) continue
      const name = hasSeveralPresets ? `${job.path} (${preset})` : job.path
      const line = `${name} → ${resolveTarget(target)}`
      const list = owners.get(key)
      if (list === undefined) owners.set(key, [line])
      else list.push(line)
    }
  }
  const collisions = [...owners.values()]
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

type Replan = (change: PlacementChange) => Iterable<Job>
type Suggest = NonNullable<PlanRequest['suggest']>

function createAdvice(
  jobs: JobList,
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
function templateCandidates(jobs: JobList): string[] {
  const presetToken = [...namesOfPresets(jobs)].some((preset) => preset !== OPS_PRESET) ? '.{preset}' : ''
  const widthToken = hasWidths(jobs) ? '-{width}w' : ''
  return ['', '.{srcext}', '-{hash:8}', '-{hash:8}.{srcext}'].map(
    (more) => `{dir}/{name}${more}${presetToken}${widthToken}.{ext}`,
  )
}

function namesOfPresets(jobs: JobList): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { renditions } of jobs) for (const { preset } of renditions) names.add(preset)
  return names
}

function hasWidths(jobs: JobList): boolean {
  for (const { renditions } of jobs) if (renditions.some(({ width }) => width !== undefined)) return true
  return false
}

/** Returns true if no two renditions can have the same path, whatever the images are. */
function isUnique(jobs: Iterable<Job>): boolean {
  return findRepeated(() => describeTargets(jobs)).size === 0
}

function* describeTargets(jobs: Iterable<Job>): Generator<string> {
  for (const { renditions, source, out } of jobs) {
    for (const { target, width, recipe } of renditions) {
      const path = fillTarget(target, width === undefined ? {} : { width })
      // Sources of one size may be copies, which have the same hash.
      const content = unresolvedTokens(path).includes('hash') ? `${source.size} ${recipe}` : ''
      yield `${keyOf(`${out}/${path}`)} ${content}`
    }
  }
}
