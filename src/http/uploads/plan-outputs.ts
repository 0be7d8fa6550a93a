import { resolvePreset, type PresetSource } from '../../config/presets.js'
import type { FailOn, Limits } from '../../image/types.js'
import { sourceId } from '../../jobs/source-id.js'
import type { Job, OutputResult, Rendition } from '../../jobs/types.js'
import { allOps, expandPreset, placeRenditions } from '../../plan/expand-presets.js'
import { analyzersOf, type Models } from '../../plan/needed-analyzers.js'
import { hashFiles } from '../../plan/recipe-hash.js'
import type { ImageRecord } from '../records/types.js'
import type { ImageFiles } from './image-files.js'

export interface PlanOutputsOptions {
  readonly files: ImageFiles
  readonly config: PresetSource
  /** Names of the analyzers to run on each upload. */
  readonly analyze: readonly string[]
  /** Models of the analyzers. */
  readonly models: Models
  readonly limits: Limits
  readonly failOn: FailOn
}

/** Paths of outputs, below the folder of outputs. The names of an image begin with its id. */
const PATH = '{name}.{preset}.{ext}'
const WIDTH_PATH = '{name}.{preset}-{width}w.{ext}'

/**
 * Plans the job that makes what a record lacks: outputs of its presets, and findings.
 *
 * @throws ImgprocError UNKNOWN_PRESET if the config has lost a preset since; INVALID_OPERATION if a file that an operation
 * uses cannot be read.
 */
export async function planOutputs(record: ImageRecord, options: PlanOutputsOptions): Promise<Job> {
  const { files, analyze, limits, failOn } = options
  const { id, filename, original, analysis } = record
  const ref = files.original(id)
  const out = files.outputFolder(id)
  const renditions = await planRenditions(record, options)
  const needed = renditions.flatMap((rendition) => analyzersOf(rendition))
  const made = new Map(record.outputs.filter(isMade).map((output) => [keyOf(output), output]))
  return {
    id: sourceId(id),
    // Stands for the original in messages.
    path: filename,
    source: { ref, size: original.bytes },
    renditions: renditions.filter((rendition) => !made.has(keyOf(rendition))),
    settled: renditions.flatMap((rendition) => made.get(keyOf(rendition)) ?? []),
    out,
    analyze: [...new Set(analysis === undefined ? [...analyze, ...needed] : needed)].filter(
      (name) => analysis === undefined || !(name in analysis),
    ),
    ...(analysis !== undefined && { known: analysis }),
    limits,
    failOn,
  }
}

async function planRenditions(
  { id, presets }: ImageRecord,
  { files, config, failOn, models }: PlanOutputsOptions,
): Promise<Rendition[]> {
  const recipes = presets.map((name) => resolvePreset(name, config))
  const hashes = await hashFiles(files.store, recipes.flatMap(allOps))
  const unplaced = recipes.flatMap((recipe) => {
    const path = recipe.widths?.length ? WIDTH_PATH : PATH
    return expandPreset(recipe, hashes, { path, failOn, models })
  })
  const ref = files.original(id)
  const base = ref.slice(0, ref.lastIndexOf('/'))
  return placeRenditions(unplaced, { ref, mark: undefined, base, out: files.outputFolder(id) })
}

function isMade({ action }: OutputResult): boolean {
  return action === 'written' || action === 'unchanged' || action === 'skipped'
}

/** A preset that the config has changed since has another recipe, and is made again. */
function keyOf({ preset, recipe }: Pick<Rendition, 'preset' | 'recipe'>): string {
  return `${recipe} ${preset}`
}
