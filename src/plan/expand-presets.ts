import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { readOps } from '../operations/parse-operations.js'
import { FORMATS } from '../image/formats.js'
import { canShareWidest } from '../jobs/shared-pixels.js'
import { checkTarget } from '../paths/output-path.js'
import type { PlanBatch, PresetRecipe } from './types.js'
import { hashRecipe, type FileHashes } from './recipe-hash.js'
import { isRemote, outputRelativePath } from '../paths/location.js'
import { toRecipe } from '../render/recipe.js'
import { fillTemplate, parseTemplate, settleTokens, splitPath, type Template } from '../paths/template.js'
import type { Rendition } from '../jobs/types.js'
import type { FailOn } from '../image/types.js'

const DEFAULT_PATH = '{dir}/{name}.{preset}.{ext}'
const DEFAULT_WIDTH_PATH = '{dir}/{name}.{preset}-{width}w.{ext}'

/** A rendition whose path waits for its source. */
export interface Unplaced {
  readonly rendition: Omit<Rendition, 'target'>
  /** Of its path: with all put in that no source has a say in. */
  readonly template: Template
}

/** Every operation of a preset. */
export function allOps({ ops, after = [] }: PresetRecipe): readonly ImageOp[] {
  return [...ops, ...after]
}

/** A preset's renditions: one for each width and format. */
export function expandPreset(
  preset: PresetRecipe,
  files: FileHashes,
  { path, defaultPath, failOn }: Pick<PlanBatch, 'path' | 'defaultPath'> & { readonly failOn: FailOn },
): Unplaced[] {
  const { name, ops, after = [], skipSmaller } = preset
  // An empty list is no list: one rendition at its own width, in its own format.
  const widths = preset.widths?.length === 0 ? undefined : preset.widths
  const formats = preset.formats?.length === 0 ? undefined : preset.formats
  const template = parseTemplate(
    path ?? preset.path ?? defaultPath ?? (widths === undefined ? DEFAULT_PATH : DEFAULT_WIDTH_PATH),
  )
  const made: Unplaced[] = []
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
      const asked = toRecipe(readOps(all, `presets.${name}`)).format
      const sharedWidth = sorted.length > 1 && canShareWidest(first, after) ? sorted.at(-1) : undefined
      const recipe = hashRecipe(all, files, failOn, sharedWidth)
      // A width or format that is named twice is made once.
      if (made.some((other) => other.rendition.recipe === recipe)) continue
      const rendition: Unplaced['rendition'] = {
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
      }
      const ext = asked === undefined || asked.type === 'auto' ? undefined : FORMATS[asked.type].ext
      const known = { preset: name, ...(ext !== undefined && { ext, format: formatOf(ext) }) }
      made.push({ rendition, template: settleTokens(template, known) })
    }
  }
  return made
}

/** What decides where a source's renditions go. */
export interface Whereabouts {
  /** The source. */
  readonly ref: string
  /** What tells it from another source of the same path. */
  readonly mark: string | undefined
  /** The folder that `{dir}` is relative to. */
  readonly base: string
  readonly out: string
}

/** What any source has for a template. */
const PLAIN = { dir: 'dir', name: 'name', srcext: 'jpg' }

/** Where a source's renditions go. Throws OUTPUT_OUTSIDE_ROOT. */
export function placeRenditions(
  renditions: readonly Unplaced[],
  { ref, mark, base, out }: Whereabouts,
): Rendition[] {
  const path = outputRelativePath(ref, base)
  if (isRemote(ref) ? path === ref : path.startsWith('../')) {
    throw new ImgprocError(
      'OUTPUT_OUTSIDE_ROOT',
      `${ref} lies outside the base folder ${base}, so its outputs have no place. Choose a --base that holds every input.`,
      { stage: 'plan', path: ref },
    )
  }
  const { dir, name, srcext } = splitPath(path)
  const parts = { dir, name: mark === undefined ? name : `${name}-${mark}`, srcext }
  // From key to key names are literal: what a disk passes over is part of them.
  const literal = isRemote(ref) && isRemote(out)
  return renditions.map(({ rendition, template }) => {
    const target = fillTemplate(template, parts, { literal })
    // A key may hold names that no file has: that is no fault of the template, and on a disk they fail alone.
    checkTarget(isRemote(ref) ? fillTemplate(template, PLAIN) : target)
    // In the other order it takes ten times as long, and there is one for each source.
    return { target, ...rendition }
  })
}

function formatOf(ext: string): string {
  return ext === 'jpg' ? 'jpeg' : ext
}
