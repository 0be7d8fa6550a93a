import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../ops/image-op.js'
import { readOps } from '../ops/index.js'
import { refuseCollisions, refuseOverwrites } from './collisions.js'
import { FORMATS } from './encode.js'
import { sourceId } from './manifest.js'
import { checkTarget, relativePath } from './paths.js'
import { hashRecipe } from './recipe-hash.js'
import { toRecipe } from './settings.js'
import { findSources } from './sources.js'
import { fillTemplate, parseTemplate, splitPath, type Template } from './template.js'
import type { FailOn, Job, Limits, Rendition, Source, Store } from './types.js'

/** A preset, with everything that it extends filled in. */
export interface PresetRecipe {
  readonly name: string
  readonly ops: readonly ImageOp[]
  /** Pixels; each makes a rendition, resized after `ops`. */
  readonly widths?: readonly number[]
  /** Each makes a rendition. */
  readonly formats?: readonly NonNullable<ImageOp['format']>[]
  /** Run after the resize to a width. */
  readonly after?: readonly ImageOp[]
  /** Path template of the outputs. */
  readonly path?: string
  readonly skipSmaller?: boolean
}

/** Sources, and what is to be made of each. */
export interface PlanBatch {
  /** Files, folders, globs. */
  readonly inputs: readonly string[]
  readonly presets: readonly PresetRecipe[]
  /** Wins over the presets' own path templates. */
  readonly path?: string | undefined
  /** For presets that have none. */
  readonly defaultPath?: string | undefined
  /** The folder that `{dir}` is relative to; by default the deepest that holds every input's fixed part. */
  readonly base?: string | undefined
  /** Globs to leave out. */
  readonly ignore?: readonly string[] | undefined
}

/** What is to be planned: batches into one output folder. */
export interface PlanRequest {
  readonly batches: readonly PlanBatch[]
  /** The output folder: absolute, with `/`. */
  readonly out: string
  /** The folder that source paths in the manifest are relative to: absolute, with `/`. */
  readonly root: string
  readonly limits: Limits
  readonly failOn: FailOn
  readonly baseUrl?: string | undefined
  /** Files that are outputs of earlier runs, and never inputs. */
  readonly madeBefore?: ReadonlySet<string> | undefined
  readonly allowEmpty?: boolean | undefined
  /** The same command with another path template, for the advice in an error. */
  readonly suggest?: ((path: string) => string) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What is to be made. No image has been opened for it. */
export interface Plan {
  /** One a source, sorted by the source's path. */
  readonly jobs: readonly Job[]
  /** Files that turned up and are no images, counted by extension. */
  readonly ignored: ReadonlyMap<string, number>
}

/**
 * Finds the sources and settles what is made of each and where it goes.
 *
 * Throws INVALID_USAGE where an input turns up nothing, OUTPUT_COLLISION, OUTPUT_OVERWRITES_INPUT and
 * OUTPUT_OUTSIDE_ROOT for all that can be known before a picture is read.
 */
export async function plan(store: Store, request: PlanRequest): Promise<Plan> {
  const jobs = new Map<string, Job>()
  const ignored = new Map<string, number>()
  for (const batch of request.batches) {
    const found = await findSources(store, {
      inputs: batch.inputs,
      ignore: batch.ignore,
      outputs: [request.out],
      allowEmpty: request.allowEmpty,
      signal: request.signal,
    })
    for (const [kind, count] of found.ignored) ignored.set(kind, (ignored.get(kind) ?? 0) + count)
    const base = batch.base ?? found.base
    const renditions = batch.presets.flatMap((preset) => expand(preset, batch))
    for (const source of found.sources) {
      if (request.madeBefore?.has(source.ref) === true) continue
      addJob(jobs, source, place(renditions, source.ref, base), request)
    }
  }
  const sorted = [...jobs.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  refuseOverwrites(sorted)
  refuseCollisions(sorted, request.suggest)
  return { jobs: sorted, ignored }
}

const DEFAULT_PATH = '{dir}/{name}.{preset}.{ext}'
const DEFAULT_WIDTH_PATH = '{dir}/{name}.{preset}-{width}w.{ext}'

type Unplaced = Omit<Rendition, 'target'> & { readonly template: Template; readonly ext?: string }

/** A preset's renditions: one for each width and format. */
function expand(preset: PresetRecipe, { path, defaultPath }: PlanBatch): Unplaced[] {
  const { name, ops, widths, formats, after = [], skipSmaller } = preset
  const template = parseTemplate(
    path ?? preset.path ?? defaultPath ?? (widths === undefined ? DEFAULT_PATH : DEFAULT_WIDTH_PATH),
  )
  const made: Unplaced[] = []
  for (const width of widths?.toSorted((a, b) => a - b) ?? [undefined]) {
    for (const format of formats ?? [undefined]) {
      const first = format === undefined ? ops : ops.filter((op) => op.format === undefined)
      const all: ImageOp[] = [
        ...first,
        ...(width === undefined ? [] : [{ resize: { width } }]),
        ...after,
        ...(format === undefined ? [] : [{ format }]),
      ]
      const asked = toRecipe(readOps(all, `presets.${name}`)).format
      made.push({
        preset: name,
        ops: all,
        recipe: hashRecipe(all),
        template,
        ...(asked !== undefined && { ext: FORMATS[asked.type].ext }),
        ...(width !== undefined && { width, widthAt: first.length }),
        ...(skipSmaller === true && { skipSmaller }),
      })
    }
  }
  return made
}

/** Where a source's renditions go. */
function place(renditions: readonly Unplaced[], ref: string, base: string): Rendition[] {
  const path = relativePath(base, ref)
  if (path.startsWith('../')) {
    throw new ImgprocError(
      'OUTPUT_OUTSIDE_ROOT',
      `${ref} lies outside the base folder ${base}, so its outputs have no place. Choose a --base that holds every input.`,
      { stage: 'plan', path: ref },
    )
  }
  const parts = splitPath(path)
  return renditions.map(({ template, ext, ...rendition }) => {
    const { preset } = rendition
    const target = fillTemplate(template, {
      ...parts,
      preset,
      ...(ext !== undefined && { ext, format: formatOf(ext) }),
    })
    checkTarget(target)
    return { ...rendition, target }
  })
}

function formatOf(ext: string): string {
  return ext === 'jpg' ? 'jpeg' : ext
}

/** One job a source, whatever batches it is in. */
function addJob(
  jobs: Map<string, Job>,
  source: Source,
  renditions: readonly Rendition[],
  request: PlanRequest,
): void {
  const { out, root, limits, failOn, baseUrl } = request
  const before = jobs.get(source.ref)
  if (before !== undefined) {
    jobs.set(source.ref, { ...before, renditions: [...before.renditions, ...renditions] })
    return
  }
  const path = relativePath(root, source.ref)
  jobs.set(source.ref, {
    id: sourceId(path),
    path,
    source,
    renditions,
    out,
    ...(baseUrl !== undefined && { baseUrl }),
    limits,
    failOn,
  })
}
