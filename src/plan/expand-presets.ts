import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { readOps } from '../operations/parse-operations.js'
import { FORMATS } from '../image/output-formats.js'
import { canShareWidest } from '../jobs/shared-pixels.js'
import { checkTarget } from '../paths/output-path.js'
import type { PlanBatch, PlanRequest, PresetRecipe } from './types.js'
import { hashRecipe, type FileHashes } from './recipe-hash.js'
import { isRemote, outputRelativePath } from '../paths/location.js'
import { toRecipe } from '../render/recipe.js'
import { fillTemplate, parseTemplate, settleTokens, splitPath, type Template } from '../paths/template.js'
import type { Rendition } from '../jobs/types.js'
import type { FailOn } from '../image/types.js'

const DEFAULT_PATH = '{dir}/{name}.{preset}.{ext}'
const DEFAULT_WIDTH_PATH = '{dir}/{name}.{preset}-{width}w.{ext}'

/** A rendition of any source. Its path is filled in for each source. */
export interface UnplacedRendition {
  readonly rendition: Omit<Rendition, 'target'>
  /** The path, with all tokens filled in that do not depend on the source. */
  readonly template: Template
}

/** Settings besides a preset that decide its renditions. */
export interface ExpandOptions extends Pick<PlanBatch, 'path' | 'defaultPath'>, Pick<PlanRequest, 'models'> {
  readonly failOn: FailOn
}

/** Returns all operations of a preset. */
export function allOps({ ops, after = [] }: PresetRecipe): readonly ImageOp[] {
  return [...ops, ...after]
}

/** Returns the operations of all presets of the batches. */
export function allOpsOf(batches: readonly PlanBatch[]): readonly ImageOp[] {
  return batches.flatMap(({ presets }) => presets.flatMap(allOps))
}

/**
 * Returns a preset's renditions: one for each width and format.
 *
 * @throws ImgprocError INVALID_OPERATION for invalid operations.
 */
export function expandPreset(
  preset: PresetRecipe,
  files: FileHashes,
  { path, defaultPath, failOn, models }: ExpandOptions,
): UnplacedRendition[] {
  const { name, ops, after = [], skipSmaller, whenUnsafe } = preset
  // An empty list counts as none: one rendition with the width and format of the source.
  const widths = preset.widths?.length === 0 ? undefined : preset.widths
  const formats = preset.formats?.length === 0 ? undefined : preset.formats
  const template = parseTemplate(
    path ?? preset.path ?? defaultPath ?? (widths === undefined ? DEFAULT_PATH : DEFAULT_WIDTH_PATH),
  )
  const renditions: UnplacedRendition[] = []
  const sorted = [...new Set(widths)].toSorted((a, b) => a - b)
  for (const width of widths === undefined ? [undefined] : sorted) {
    for (const format of formats ?? [undefined]) {
      const first = format === undefined ? ops : ops.filter((op) => op.format === undefined)
      const all: ImageOp[] = [
        ...first,
        ...(width === undefined ? [] : [{ resize: { width } }]),
        ...after,
        ...(format === undefined ? [] : [{ format }]),
      ]
      const requested = toRecipe(readOps(all, `presets.${name}`)).format
      const sharedWidth = sorted.length > 1 && canShareWidest(first, after) ? sorted.at(-1) : undefined
      const recipe = hashRecipe(all, { files, failOn, sharedWidth, models, whenUnsafe })
      // A width or format that is listed twice is made once.
      if (renditions.some((other) => other.rendition.recipe === recipe)) continue
      const rendition: UnplacedRendition['rendition'] = {
        preset: name,
        ops: all,
        recipe,
        ...(width !== undefined && {
          width,
          widthAt: first.length,
          narrower: sorted.slice(0, sorted.indexOf(width)),
          ...(sharedWidth !== undefined && { sharedWidth }),
        }),
        ...(skipSmaller === true && { skipSmaller }),
        ...(whenUnsafe !== undefined && { whenUnsafe }),
      }
      const ext =
        requested === undefined || requested.type === 'auto' ? undefined : FORMATS[requested.type].ext
      const known = { preset: name, ...(ext !== undefined && { ext, format: formatOf(ext) }) }
      renditions.push({ rendition, template: settleTokens(template, known) })
    }
  }
  return renditions
}

/** The parts that decide the output paths of a source. */
export interface SourcePlacement {
  /** The source. */
  readonly ref: string
  /** Distinguishes it from another source of the same path; see `markTwins`. */
  readonly mark: string | undefined
  /** The folder that `{dir}` is relative to. */
  readonly base: string
  readonly out: string
}

/** A file name for checking a template alone. */
const SAMPLE = { dir: 'dir', name: 'name', srcext: 'jpg' }

/**
 * Returns a source's renditions with their paths.
 *
 * @throws ImgprocError OUTPUT_OUTSIDE_ROOT if the source is outside the base, or a path is outside the output folder.
 */
export function placeRenditions(
  renditions: readonly UnplacedRendition[],
  { ref, mark, base, out }: SourcePlacement,
): Rendition[] {
  const path = outputRelativePath(ref, base)
  if (isRemote(ref) ? path === ref : path.startsWith('../')) {
    throw new ImgprocError(
      'OUTPUT_OUTSIDE_ROOT',
      `${ref} is outside the base folder ${base}, so that {dir} has no value for it. Choose a base (--base) that contains every input.`,
      { stage: 'plan', path: ref },
    )
  }
  const { dir, name, srcext } = splitPath(path)
  const parts = { dir, name: mark === undefined ? name : `${name}-${mark}`, srcext }
  // Between stores of keys, names are literal: `a//b` and `./a` keep all their parts.
  const literal = isRemote(ref) && isRemote(out)
  return renditions.map(({ rendition, template }) => {
    const target = fillTemplate(template, parts, { literal })
    // A key may be invalid as a file name. That is not the template's fault, and only this output fails later.
    checkTarget(isRemote(ref) ? fillTemplate(template, SAMPLE) : target)
    // Ten times as fast as with the spread first, and there may be a million sources.
    return { target, ...rendition }
  })
}

function formatOf(ext: string): string {
  return ext === 'jpg' ? 'jpeg' : ext
}
